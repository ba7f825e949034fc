// Owns how JSON, YAML and TOML are shown: a tree that opens and closes, a hundred values of a level at a time.

import React, { useState } from 'react';

import type { Json, TreePreview } from './transport';
import { t } from './words';

const STEP = 100;
const OPEN_LEVELS = 2;
const OPEN_CHILDREN = 20;

function childrenOf(value: Json): [string, Json][] {
  return Array.isArray(value)
    ? value.map((each, index) => [String(index), each])
    : Object.entries(value as Record<string, Json>);
}

function summary(value: Json, count: number): string {
  return Array.isArray(value) ? `[${count}]` : `{${count}}`;
}

function Leaf({ value }: { value: Json }): React.JSX.Element {
  const kind = value === null ? 'null' : typeof value;
  return <span className={`mlart-Value-${kind}`}>{JSON.stringify(value)}</span>;
}

function Branch(props: { name: string | null; value: Json; level: number }): React.JSX.Element {
  const { name, value, level } = props;
  const children = childrenOf(value);
  const [open, setOpen] = useState(level < OPEN_LEVELS && children.length <= OPEN_CHILDREN);
  const [shown, setShown] = useState(STEP);
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== null && <span className="mlart-Value-key">{name}: </span>}
        <span className="mlart-Value-count">{summary(value, children.length)}</span>
      </summary>
      {open && (
        <ul>
          {children.slice(0, shown).map(([key, each], index) => (
            <li key={index}>
              <Value name={key} value={each} level={level + 1} />
            </li>
          ))}
        </ul>
      )}
      {open && shown < children.length && (
        <button type="button" className="mlart-Link" onClick={() => setShown(shown + STEP)}>
          {t('%1 more', children.length - shown)}
        </button>
      )}
    </details>
  );
}

function Value(props: { name: string | null; value: Json; level: number }): React.JSX.Element {
  const { name, value } = props;
  if (value !== null && typeof value === 'object') {
    return <Branch {...props} />;
  }
  return (
    <>
      {name !== null && <span className="mlart-Value-key">{name}: </span>}
      <Leaf value={value} />
    </>
  );
}

export function Values({ preview }: { preview: TreePreview }): React.JSX.Element {
  return (
    <>
      {preview.truncated && (
        <div className="mlart-Preview-note">
          {t('Some values are left out. Download the file for all of them.')}
        </div>
      )}
      <div className="mlart-Values" tabIndex={0} role="region" aria-label={t('Values')}>
        <Value name={null} value={preview.value} level={0} />
      </div>
    </>
  );
}
