// Owns the bar with which files are found: words, a kind, an order, and the tree or the gallery.

import React from 'react';

import { IconButton } from './button';
import type { Remembered } from './memory';
import type { Sort } from './transport';
import { t, word } from './words';

export interface Look extends Remembered {
  text: string;
}

const KINDS: [value: string, label: string][] = [
  ['', word('All kinds')],
  ['picture', word('Pictures')],
  ['table', word('Tables')],
  ['text', word('Texts')],
  ['page', word('Pages')],
  ['media', word('Media')],
  ['model', word('Models')],
  ['other', word('Other')]
];
const SORTS: [value: Sort, label: string][] = [
  ['name', word('By name')],
  ['size', word('Largest')],
  ['time', word('Newest')]
];

function Choice<T extends string>(props: {
  label: string;
  value: T;
  of: [value: T, label: string][];
  onPick: (value: T) => void;
}): React.JSX.Element {
  return (
    <select
      className="mlart-Select"
      aria-label={props.label}
      value={props.value}
      onChange={event => props.onPick(event.target.value as T)}
    >
      {props.of.map(([value, label]) => (
        <option key={value} value={value}>
          {t(label)}
        </option>
      ))}
    </select>
  );
}

export function FindBar(props: {
  look: Look;
  onText: (text: string) => void;
  onChange: (change: Partial<Remembered>) => void;
}): React.JSX.Element {
  const { look, onChange } = props;
  const gallery = look.view === 'gallery';
  return (
    <div className="mlart-FindBar" role="search">
      <input
        type="search"
        className="mlart-Search"
        placeholder={t('Filter files')}
        aria-label={t('Filter files')}
        value={look.text}
        onChange={event => props.onText(event.target.value)}
      />
      <Choice label={t('Kind')} value={look.kind} of={KINDS} onPick={kind => onChange({ kind })} />
      <Choice label={t('Order')} value={look.sort} of={SORTS} onPick={sort => onChange({ sort })} />
      <IconButton
        icon={gallery ? 'list' : 'tiles'}
        label={gallery ? t('Show the tree') : t('Show the gallery')}
        onClick={() => onChange({ view: gallery ? 'tree' : 'gallery' })}
      />
    </div>
  );
}
