// Owns what is left of a stranger's notebook before JupyterLab sees it: nothing that would run by itself.

import { Failure } from './ui/transport';
import { t } from './ui/words';

type Values = Record<string, unknown>;

/**
 * What JupyterLab shows of an untrusted output is sanitised, but it leaves charts and widgets to extensions, and
 * these believe what they are given: a chart may read addresses of this server, a widget brings its own code.
 */
const SHOWN = new Set([
  'application/json',
  'application/vnd.jupyter.error',
  'application/vnd.jupyter.stderr',
  'application/vnd.jupyter.stdout',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'text/html',
  'text/latex',
  'text/markdown',
  'text/plain'
]);

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function without(value: unknown, ...names: string[]): Values {
  const kept = Object.entries(isValues(value) ? value : {});
  return Object.fromEntries(kept.filter(([name]) => !names.includes(name)));
}

function shown(data: unknown): Values {
  const all = Object.entries(isValues(data) ? data : {});
  const kept = all.filter(([type]) => SHOWN.has(type));
  const left = all.map(([type]) => type).filter(type => !SHOWN.has(type));
  if (kept.length === 0 && left.length > 0) {
    return { 'text/plain': t('Not shown here: %1', left.join(', ')) };
  }
  return Object.fromEntries(kept);
}

function output(value: unknown): Values {
  const plain = without(value);
  return 'data' in plain ? { ...plain, data: shown(plain['data']) } : plain;
}

function cell(value: unknown): Values {
  const plain = { ...without(value), metadata: without((value as Values)['metadata'], 'trusted') };
  return 'outputs' in plain && Array.isArray(plain.outputs)
    ? { ...plain, outputs: plain.outputs.map(output) }
    : plain;
}

/**
 * The notebook without its word that it is trusted, which the server's notary would have checked, and without the
 * state of its widgets, which is restored with their code before anybody is asked.
 */
export function untrusted(text: string): Values {
  let book: unknown;
  try {
    book = JSON.parse(text);
  } catch {
    book = null;
  }
  if (!isValues(book) || book['nbformat'] !== 4 || !Array.isArray(book['cells'])) {
    throw new Failure(t('This is no notebook that can be opened.'), t('Download it.'));
  }
  return {
    ...book,
    nbformat_minor: typeof book['nbformat_minor'] === 'number' ? book['nbformat_minor'] : 5,
    metadata: without(book['metadata'], 'trusted', 'signature', 'widgets'),
    cells: book['cells'].filter(isValues).map(cell)
  };
}
