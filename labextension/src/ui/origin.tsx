// Owns where an artifact comes from: its cell as it was run, the way to it, and its other versions.

import React, { useState } from 'react';

import { formatCount, nameOf } from './format';
import type { CellFound, Host } from './host';
import type { CompareMode } from './compare';
import type { Origin } from './transport';
import { t, word } from './words';

function when(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString();
}

function summaryOf(origin: Origin): string {
  const cell = origin.cell === null ? '' : t('Cell [%1]', origin.cell);
  const notebook = origin.notebook ? nameOf(origin.notebook) : '';
  return [cell, notebook, when(origin.time)].filter(Boolean).join(' · ');
}

function verdictOf(origin: Origin, found: CellFound): string {
  switch (found.state) {
    case 'closed':
      return t('Its notebook is not open here.');
    case 'gone':
      return t('The cell is no longer in the notebook.');
    default:
      return found.source !== null && origin.source !== null && found.source !== origin.source
        ? t('The cell has changed since.')
        : '';
  }
}

function Source({ title, text }: { title: string; text: string }): React.JSX.Element {
  return (
    <figure className="mlart-Source">
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}

function Sources(props: { origin: Origin; found: CellFound | null }): React.JSX.Element {
  const { origin, found } = props;
  const now = found?.source ?? null;
  const changed = now !== null && now !== origin.source;
  return (
    <div className="mlart-Sources">
      {origin.source !== null && <Source title={t('As it was run')} text={origin.source} />}
      {changed && <Source title={t('As it is now')} text={now} />}
    </div>
  );
}

const MODES: [CompareMode, string][] = [
  ['alone', word('Alone')],
  ['beside', word('Side by side')],
  ['overlay', word('Overlay')],
  ['difference', word('Difference')]
];

export interface VersionsProps {
  origin: Origin;
  path: string;
  /** Null for what is no picture. */
  mode: CompareMode | null;
  onMode: (mode: CompareMode) => void;
  onSelect: (path: string) => void;
}

function Versions(props: VersionsProps): React.JSX.Element | null {
  const { versions } = props.origin;
  const at = versions.findIndex(({ path }) => path === props.path);
  if (versions.length < 2 || at < 0) {
    return null;
  }
  return (
    <div className="mlart-Versions" role="group" aria-label={t('Versions')}>
      <input
        type="range"
        min={0}
        max={versions.length - 1}
        value={at}
        aria-label={t('Version')}
        aria-valuetext={t('Version %1 of %2', at + 1, versions.length)}
        onChange={event => {
          const version = versions[Number(event.target.value)];
          if (version) {
            props.onSelect(version.path);
          }
        }}
      />
      <span>{t('%1 of %2', at + 1, formatCount(versions.length, 'version'))}</span>
      {props.mode !== null && (
        <select
          className="mlart-Select"
          aria-label={t('Compare with the version before')}
          value={props.mode}
          onChange={event => props.onMode(event.target.value as CompareMode)}
        >
          {MODES.map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

export function Provenance(props: VersionsProps & { host: Host | undefined }): React.JSX.Element {
  const { origin, host } = props;
  const [found, setFound] = useState<CellFound | null>(null);
  const [going, setGoing] = useState(false);
  const [open, setOpen] = useState(false);
  const go = async () => {
    setGoing(true);
    const cell = await host?.goToCell(origin);
    setGoing(false);
    setFound(cell ?? null);
    setOpen(last => last || (cell !== undefined && verdictOf(origin, cell) !== ''));
  };
  const verdict = found && verdictOf(origin, found);
  return (
    <div className="mlart-Origin">
      <div className="mlart-Origin-line">
        <button
          type="button"
          className="mlart-Link"
          aria-expanded={open}
          title={t('The cell as it was run: %1', summaryOf(origin))}
          onClick={() => setOpen(!open)}
        >
          {summaryOf(origin)}
        </button>
        {host && origin.cell_id !== null && (
          <button type="button" className="mlart-Link" disabled={going} onClick={() => void go()}>
            {going ? t('Looking …') : t('Go to cell')}
          </button>
        )}
      </div>
      {verdict && <div role="status">{verdict}</div>}
      {origin.note && <div>{origin.note}</div>}
      {open && <Sources origin={origin} found={found} />}
      <Versions {...props} />
    </div>
  );
}
