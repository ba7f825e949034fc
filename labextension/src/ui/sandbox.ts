// Owns the page in which an artifact's HTML is shown: no network, and no scripts unless the user starts them.

import type { PagePreview } from './transport';

const QUIET = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const RUNNING = [
  "default-src 'none'; img-src data: blob:; media-src data: blob:; font-src data:",
  "style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:",
  "worker-src blob:; connect-src 'none'; form-action 'none'"
].join('; ');

const PLAIN = 'body{font-family:sans-serif;margin:8px}';
/** A chart that has no height of its own is as high as its frame. */
const DRAWN = `${PLAIN}#chart{height:calc(100vh - 16px);min-height:200px}`;
const TOLD = `
:root{color-scheme:light dark}
:root[data-light=true]{color-scheme:light}:root[data-light=false]{color-scheme:dark}
html{background:light-dark(#fff,#1b1c1e);color:light-dark(#202124,#e3e4e6)}
body{font:14px/1.5 system-ui,sans-serif;margin:8px 12px;overflow-wrap:anywhere}
img,svg{max-width:100%;height:auto}img{background:#fff}
pre,code{font-family:ui-monospace,menlo,consolas,monospace;font-size:12px}
pre{white-space:pre-wrap;margin:4px 0;padding:6px 8px;overflow:auto;max-height:480px}
table{border-collapse:collapse;font-size:12px}th,td{padding:2px 8px;border:1px solid light-dark(#dcdee2,#3b3e43)}
section{margin:10px 0}.n{float:left;color:light-dark(#5a5e66,#a6abb3);font:11px ui-monospace,monospace;margin:8px 4px 0 -8px}
.in{background:light-dark(#f4f5f7,#26282b);border-radius:3px;margin-left:24px}
.out,.err,.html,section>img{margin-left:24px}.err{background:light-dark(#fdecea,#44201d)}
.html{overflow:auto;max-height:480px}
.keyword{color:light-dark(#8250a0,#d2a8ff)}.string{color:light-dark(#1b6e2c,#7ee787)}
.comment{color:light-dark(#5a5e66,#a6abb3);font-style:italic}.number{color:light-dark(#0550ae,#79c0ff)}.name{color:light-dark(#1a5fb4,#8ab4f8)}
.ansi-bold{font-weight:700}.ansi-red{color:light-dark(#a8201a,#ff8a80)}.ansi-green{color:light-dark(#1b6e2c,#6fcf80)}
.ansi-yellow{color:light-dark(#7a5b00,#e3c64f)}.ansi-blue,.ansi-cyan{color:light-dark(#0550ae,#79c0ff)}.ansi-magenta{color:light-dark(#8250a0,#d2a8ff)}
`;

export type PageKind = PagePreview['kind'] | 'drawing';

/** An HTML file has a look of its own; what we made pages of has ours. */
export function lookOf(kind: PageKind): string {
  return kind === 'html' ? PLAIN : kind === 'drawing' ? DRAWN : TOLD;
}

/** As JupyterLab's theme is; elsewhere as the desktop is. */
function light(): string {
  const told = document.body.dataset['jpThemeLight'];
  return told === 'true' || told === 'false' ? ` data-light="${told}"` : '';
}

/**
 * The policy comes before anything of the artifact, so the artifact cannot load a byte first.
 * A second policy further down could only forbid more. Links open nothing: their windows are refused.
 */
export function sandboxed(html: string, look = PLAIN, scripts = false): string {
  return [
    `<!doctype html><html${light()}>`,
    '<head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${scripts ? RUNNING : QUIET}">`,
    `<base target="_blank"><style>${look}</style>`,
    `</head><body>${html}</body></html>`
  ].join('');
}
