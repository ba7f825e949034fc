// Owns the small pictures: one 16 × 16 outline each, in the colour of the text beside it.

import React from 'react';

import type { Entry } from './transport';

const OUTLINES = {
  folder: 'M1.5 4.5v8h13v-6.5h-6.5l-1.5-2h-5z',
  file: 'M4 1.5h5.5l3 3v10h-8.5zM9.5 1.5v3h3',
  image: 'M1.5 2.5h13v11h-13zM1.5 11.5l4-4 3 3 2-2 4 4M11 5.5h.01',
  table: 'M1.5 2.5h13v11h-13zM1.5 6h13M1.5 9.75h13M6 2.5v11',
  text: 'M3 3.5h10M3 6.5h10M3 9.5h10M3 12.5h6',
  braces:
    'M6 2.5q-2 0-2 2v1.5q0 2-2 2 2 0 2 2v1.5q0 2 2 2M10 2.5q2 0 2 2v1.5q0 2 2 2-2 0-2 2v1.5q0 2-2 2',
  page: 'M1.5 2.5h13v11h-13zM1.5 5.5h13M5.5 8l-1.5 1.5 1.5 1.5M10.5 8l1.5 1.5-1.5 1.5',
  sound: 'M2 6v4h2.5l3.5 3v-10l-3.5 3zM10.5 5.5q1.5 2.5 0 5M12.5 3.5q3 4.5 0 9',
  model: 'M8 1.5l5.5 3.25v6.5l-5.5 3.25-5.5-3.25v-6.5zM2.5 4.75l5.5 3.25 5.5-3.25M8 8v6.5',
  book: 'M3.5 1.5h9.5v13h-9.5zM6 1.5v13M8.5 5h2.5',
  chevron: 'M6 3.5l4.5 4.5-4.5 4.5',
  download: 'M8 1.5v8.5M4.5 6.5l3.5 3.5 3.5-3.5M2 13.5h12',
  refresh: 'M13.5 3v3.5h-3.5M13.2 6.5a5.5 5.5 0 1 0 .3 3',
  copy: 'M5.5 5.5h8v9h-8zM10.5 5.5v-4h-8v9h3',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5q2-1.5 3.5 0t0 4l-1.5 1.5M9 11.5l-1.5 1.5q-2 1.5-3.5 0t0-4l1.5-1.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  tiles: 'M2 2.5h5v4.5h-5zM9 2.5h5v4.5h-5zM2 9h5v4.5h-5zM9 9h5v4.5h-5z',
  list: 'M2 3.5h2M6 3.5h8M4 8h2M8 8h6M4 12.5h2M8 12.5h6',
  cell: 'M2 3.5h12v9h-12zM4.5 6.5l2 1.5-2 1.5M8.5 10h3',
  insert: 'M8 2.5v11M2.5 8h11',
  outside: 'M6.5 3.5h-4v10h10v-4M9 2.5h4.5v4.5M13.5 2.5l-6 6',
  expand: 'M9.5 2.5h4v4M13.5 2.5l-5 5M6.5 13.5h-4v-4M2.5 13.5l5-5',
  trash: 'M2.5 4h11M6 4v-2h4v2M4 4l.75 10.5h6.5l.75-10.5M6.75 6.5l.25 5.5M9.25 6.5l-.25 5.5',
  upload: 'M8 11v-8.5M4.5 6l3.5-3.5 3.5 3.5M2 13.5h12'
};

export type IconName = keyof typeof OUTLINES;

export function Icon({ name }: { name: IconName }): React.JSX.Element {
  return (
    <svg className={`mlart-Icon mlart-Icon-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={OUTLINES[name]} />
    </svg>
  );
}

const BY_KIND: Record<string, IconName> = {
  figure: 'image',
  image: 'image',
  frame: 'table',
  table: 'table',
  text: 'text',
  json: 'braces',
  html: 'page',
  audio: 'sound',
  model: 'model',
  notebook: 'book'
};

const BY_ENDING: [RegExp, IconName][] = [
  [/\.(png|jpe?g|gif|svg|webp|bmp|avif|tiff?)$/i, 'image'],
  [/\.(parquet|csv|tsv|arrow|feather)$/i, 'table'],
  [/\.(txt|md|log|py|ya?ml|toml)$/i, 'text'],
  [/\.(json|jsonl)$/i, 'braces'],
  [/\.html?$/i, 'page'],
  [/\.(wav|mp3|ogg|flac)$/i, 'sound'],
  [/\.(pkl|joblib|pt|onnx|safetensors)$/i, 'model'],
  [/\.ipynb$/i, 'book']
];

export function iconOf(entry: Pick<Entry, 'is_dir' | 'kind' | 'name'>): IconName {
  if (entry.is_dir) {
    return 'folder';
  }
  const byEnding = BY_ENDING.find(([ending]) => ending.test(entry.name));
  return BY_KIND[entry.kind ?? ''] ?? byEnding?.[1] ?? 'file';
}
