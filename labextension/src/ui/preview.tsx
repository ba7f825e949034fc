// Owns the area below the tree: what the selected file looks like, and what can be done with it.

import React from 'react';

import { IconButton } from './button';
import { Document } from './document';
import { Facts } from './facts';
import { formatSize, nameOf, runUri } from './format';
import { Guard } from './guard';
import { Image } from './image';
import { useLoad } from './load';
import { Media } from './media';
import { Model } from './model';
import { Page } from './page';
import { Hint, Problem } from './problem';
import { Table } from './table';
import type { Entry, Place, Preview, Transport } from './transport';
import { Values } from './values';

export interface PreviewProps {
  transport: Transport;
  place: Place;
  entry: Entry | null;
  onDownload: (place: Place, entry: Pick<Entry, 'is_dir' | 'size'>) => void;
  onSelect: (path: string) => void;
  onCopy: (text: string) => void;
  onClose: () => void;
}

// moving through the tree with the keyboard must not ask for every file on the way
const REST_MS = 120;
// a file of a folder that nobody has opened yet
const UNLISTED = { is_dir: false, size: null };

function Actions(props: PreviewProps): React.JSX.Element {
  const { place, entry } = props;
  const what = entry?.is_dir ? 'Download folder as zip' : 'Download file';
  return (
    <div className="mlart-Actions" role="group" aria-label="Actions">
      <IconButton
        icon="download"
        label={what}
        onClick={() => props.onDownload(place, entry ?? UNLISTED)}
      />
      <IconButton icon="copy" label="Copy path" onClick={() => props.onCopy(place.path)} />
      <IconButton
        icon="link"
        label={`Copy ${runUri(place)}`}
        onClick={() => props.onCopy(runUri(place))}
      />
      <IconButton icon="close" label="Close preview" onClick={props.onClose} />
    </div>
  );
}

function factsOf(entry: Entry): string {
  const cell = entry.cell === null ? '' : `cell [${entry.cell}]`;
  const uploading = entry.state === 'uploading' ? 'uploading' : '';
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
      return <Page preview={preview} name={name} />;
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

/** Changes when the bytes may have changed, so that a new version is fetched. */
function versionOf(place: Place, entry: Entry | null): string {
  const { store, run, path } = place;
  return [store, run, path, entry?.size, entry?.time, entry?.state].join(' ');
}

function FilePreview(props: PreviewProps): React.JSX.Element {
  const { transport, place } = props;
  const version = versionOf(place, props.entry);
  const preview = useLoad(version, signal => transport.preview(place, signal), REST_MS);
  if (preview.failure) {
    return <Problem failure={preview.failure} onRetry={preview.again} />;
  }
  if (!preview.value) {
    return <Hint>Loading …</Hint>;
  }
  return <Body {...props} key={version} version={version} preview={preview.value} />;
}

export function PreviewArea(props: PreviewProps): React.JSX.Element {
  const { place, entry } = props;
  const isFolder = entry?.is_dir ?? false;
  return (
    <section className="mlart-Preview" aria-label="Preview" data-folder={isFolder}>
      <div className="mlart-Preview-head">
        <span className="mlart-Preview-name" title={place.path}>
          {nameOf(place.path)}
        </span>
        <span className="mlart-Preview-facts">{entry && factsOf(entry)}</span>
        <Actions {...props} />
      </div>
      {!isFolder && (
        <div className="mlart-Preview-body">
          <Guard key={place.path}>
            <FilePreview {...props} />
          </Guard>
        </div>
      )}
    </section>
  );
}
