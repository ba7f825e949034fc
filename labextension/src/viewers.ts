// Owns which of JupyterLab's own viewers shows which file, and up to what size: what can run code in this page has none.

export interface Viewing {
  /** The viewer, as JupyterLab names it. */
  factory: string;
  type: 'file' | 'notebook';
  format: 'text' | 'base64' | 'json';
  mimetype: string;
  /** Bytes of the largest file: a viewer holds it whole, some of them several times. */
  most: number;
}

const MIB = 1024 * 1024;

function binary(factory: string, mimetype: string): Viewing {
  return { factory, type: 'file', format: 'base64', mimetype, most: 32 * MIB };
}

function text(factory: string, mimetype = 'text/plain', most = 8 * MIB): Viewing {
  return { factory, type: 'file', format: 'text', mimetype, most };
}

const NOTEBOOK: Viewing = {
  factory: 'Notebook',
  type: 'notebook',
  format: 'json',
  mimetype: 'application/x-ipynb+json',
  most: 32 * MIB
};

/**
 * No page, no SVG, and nothing that a chart's viewer takes for its own: their place is the sandboxed preview.
 * Markdown opens as text; JupyterLab renders it when it is asked to, sanitised.
 */
const BY_ENDING: readonly [RegExp, Viewing][] = [
  [/\.ipynb$/, NOTEBOOK],
  [/\.png$/, binary('Image', 'image/png')],
  [/\.jpe?g$/, binary('Image', 'image/jpeg')],
  [/\.gif$/, binary('Image', 'image/gif')],
  [/\.bmp$/, binary('Image', 'image/bmp')],
  [/\.webp$/, binary('Image', 'image/webp')],
  [/\.pdf$/, binary('PDF', 'application/pdf')],
  [/\.csv$/, text('CSVTable', 'text/csv', 32 * MIB)],
  [/\.tsv$/, text('TSVTable', 'text/tab-separated-values', 32 * MIB)],
  [/\.(plotly|vl|vg|bokeh)\.json$/, text('', '', 0)],
  [/\.json$/, text('JSON', 'application/json')],
  [/\.(txt|log|md|py|r|jl|sql|sh|ya?ml|toml|cfg|ini|tex|diff|jsonl)$/, text('Editor')],
  [/(^|\/)MLmodel$/i, text('Editor')]
];

/** Null for what is shown in the sidebar only. */
export function viewingOf(path: string): Viewing | null {
  const found = BY_ENDING.find(([ending]) => ending.test(path.toLowerCase()))?.[1];
  return found?.factory ? found : null;
}
