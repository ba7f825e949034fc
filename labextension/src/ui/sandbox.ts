// Owns the page in which an artifact's HTML is shown: no scripts, no network, nothing but its own styles and data: images.

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/**
 * The policy comes before anything of the artifact, so the artifact cannot load a byte first.
 * A second policy further down could only forbid more.
 */
export function sandboxed(html: string): string {
  return [
    '<!doctype html><html><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<style>body{font-family:sans-serif;margin:8px}</style>',
    `</head><body>${html}</body></html>`
  ].join('');
}
