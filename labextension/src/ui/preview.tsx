// Owns the area below the tree: what the selected file looks like, and what can be done with it.

import React, { useEffect, useRef, useState } from 'react';

import { IconButton } from './button';
import { Chart } from './chart';
import { Compare, type CompareMode } from './compare';
import { Document } from './document';
import { Facts } from './facts';
import { formatSize, nameOf, pythonLine, runUri } from './format';
import { Guard } from './guard';
import type { Host, Past } from './host';
import { Image } from './image';
import { type Load, useLoad } from './load';
import { Media } from './media';
import { Model } from './model';
import { OpenButton, type Opening, OpeningLine, useOpening } from './opening';
import { Provenance } from './origin';
import { Page } from './page';
import { isNotebook, PastLine } from './past';
import { Hint, Problem } from './problem';
import { Table } from './table';
import type { Entry, Origin, Place, Preview, Transport } from './transport';
import { Values } from './values';
import { t } from './words';

export interface PreviewProps {
  transport: Transport;
  place: Place;
  entry: Entry | null;
  host: Host | undefined;
  past: Past | undefined;
  onDownload: (place: Place, entry: Pick<Entry, 'is_dir' | 'size'>) => void;
  onSelect: (path: string) => void;
  /** `why` is said beside what was copied. */
  onCopy: (text: string, why?: string) => void;
  /** Not given where nothing may be deleted. */
  onDelete?: ((path: string) => void) | undefined;
  onClose: () => void;
}

// moving through the tree with the keyboard must not ask for every file on the way
const REST_MS = 120;
// a file of a folder that nobody has opened yet
const UNLISTED = { is_dir: false, size: null };

function insertOrCopy({ host, onCopy }: PreviewProps, line: string): void {
  if (host && !host.insert(line)) {
    onCopy(line, t('No notebook that can be written to is open: paste the line into one.'));
  }
}

function Actions(props: PreviewProps & { opening: Opening }): React.JSX.Element {
  const { place, entry } = props;
  const what = entry?.is_dir ? t('Download folder as zip') : t('Download file');
  return (
    <div className="mlart-Actions" role="group" aria-label={t('Actions')}>
      <IconButton
        icon="download"
        label={what}
        onClick={() => props.onDownload(place, entry ?? UNLISTED)}
      />
      <OpenButton {...props.opening} />
      <IconButton icon="copy" label={t('Copy path')} onClick={() => props.onCopy(place.path)} />
      <IconButton
        icon="link"
        label={t('Copy %1', runUri(place))}
        onClick={() => props.onCopy(runUri(place))}
      />
      {!entry?.is_dir && (
        <IconButton
          icon="braces"
          label={t('Copy the Python line that reads it')}
          onClick={() => props.onCopy(pythonLine(place))}
        />
      )}
      {!entry?.is_dir && props.host && (
        <IconButton
          icon="insert"
          label={t('Insert the Python line into the notebook')}
          onClick={() => insertOrCopy(props, pythonLine(place))}
        />
      )}
      {props.onDelete && entry?.state === 'stored' && (
        <IconButton
          icon="trash"
          label={entry.is_dir ? t('Delete folder') : t('Delete file')}
          onClick={() => props.onDelete?.(place.path)}
        />
      )}
      <IconButton icon="close" label={t('Close preview')} onClick={props.onClose} />
    </div>
  );
}

function factsOf(entry: Entry): string {
  const cell = entry.cell === null ? '' : t('cell [%1]', entry.cell);
  const uploading = entry.state === 'uploading' ? t('uploading') : '';
  return [formatSize(entry.size), cell, uploading].filter(Boolean).join(' · ');
}

function Body(props: PreviewProps & { version: string; preview: Preview }): React.JSX.Element {
  const { preview, place, transport, version } = props;
  const name = nameOf(place.path);
  switch (preview.kind) {
    case 'image':
      return <Image {...{ transport, place, name, version, preview }} />;
    case 'audio':
    case 'video':
    case 'pdf':
      return <Media {...{ transport, place, name, version, preview }} />;
    case 'table':
      return <Table table={preview} {...{ transport, place }} />;
    case 'tree':
      return <Values preview={preview} />;
    case 'html':
    case 'markdown':
    case 'notebook':
      return <Page {...{ transport, place, name, version, preview }} />;
    case 'chart':
      return <Chart {...{ transport, place, name, version, preview }} />;
    case 'model':
      return <Model preview={preview} place={place} onCopy={props.onCopy} />;
    case 'text':
    case 'hex':
      return <Document {...{ preview, transport, place }} />;
    default:
      return (
        <>
          <Facts facts={preview.facts} />
          <Hint>{preview.note}</Hint>
        </>
      );
  }
}

/** Changes when the bytes may have changed, so that a new version is fetched; an upload changes none. */
function versionOf(place: Place, entry: Entry | null): string {
  const { store, run, path } = place;
  return [store, run, path, entry?.size, entry?.time].join(' ');
}

/** Asked for what this extension has logged; without an answer the preview is there all the same. */
function useOrigin({ transport, place, entry }: PreviewProps, version: string): Origin | null {
  const known = entry !== null && entry.kind !== null && entry.state === 'stored';
  const load = useLoad(known ? version : null, signal => transport.origin(place, signal), REST_MS);
  return load.value;
}

/** What could not be read while it was on its way is asked for once more when it has arrived. */
function useAgainWhenStored(entry: Entry | null, load: Load<Preview>): void {
  const latest = useRef(load);
  latest.current = load;
  const state = entry?.state;
  useEffect(() => {
    if (latest.current.failure) {
      latest.current.again();
    }
  }, [state]);
}

function beforeOf(origin: Origin | null, path: string): string | null {
  const at = origin?.versions.findIndex(version => version.path === path) ?? -1;
  return origin?.versions[at - 1]?.path ?? null;
}

function FilePreview(props: PreviewProps): React.JSX.Element {
  const { transport, place } = props;
  const version = versionOf(place, props.entry);
  const preview = useLoad(version, signal => transport.preview(place, signal), REST_MS);
  useAgainWhenStored(props.entry, preview);
  const origin = useOrigin(props, version);
  const [mode, setMode] = useState<CompareMode>('alone');
  const picture = preview.value?.kind === 'image' ? preview.value : null;
  const before = beforeOf(origin, place.path);
  if (preview.failure) {
    return <Problem failure={preview.failure} onRetry={preview.again} />;
  }
  if (!preview.value) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  return (
    <>
      {origin && (
        <Provenance
          {...{ origin, mode: picture && before !== null ? mode : null }}
          path={place.path}
          host={props.host}
          onMode={setMode}
          onSelect={props.onSelect}
        />
      )}
      {props.past && isNotebook(place) && (
        <PastLine key={runUri(place)} past={props.past} place={place} />
      )}
      {picture && before !== null && mode !== 'alone' ? (
        <Compare {...{ transport, place, before, mode }} mediaType={picture.media_type} />
      ) : (
        <Body {...props} key={version} version={version} preview={preview.value} />
      )}
    </>
  );
}

export function PreviewArea(props: PreviewProps): React.JSX.Element {
  const { place, entry } = props;
  const isFolder = entry?.is_dir ?? false;
  const opening = useOpening(props.host?.viewer, place, entry);
  return (
    <section className="mlart-Preview" aria-label={t('Preview')} data-folder={isFolder}>
      <div className="mlart-Preview-head">
        <span className="mlart-Preview-name" title={place.path}>
          {nameOf(place.path)}
        </span>
        <span className="mlart-Preview-facts">{entry && factsOf(entry)}</span>
        <Actions {...props} opening={opening} />
      </div>
      <OpeningLine {...opening} />
      {!isFolder && (
        <div className="mlart-Preview-body">
          <Guard key={`${place.store} ${place.run}`}>
            <FilePreview {...props} />
          </Guard>
        </div>
      )}
    </section>
  );
}
