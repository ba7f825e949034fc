// Owns one run on the screen: its tree, the preview of what is selected, and its downloads.

import React, { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { IconButton, IconLink } from './button';
import { type Deleting, DeletingLine, useDeleting } from './deleting';
import { FindBar, type Look } from './finding';
import { Follow } from './follow';
import { runUri } from './format';
import { useFound } from './found';
import { Gallery } from './gallery';
import type { Host, Past } from './host';
import { Listing } from './listing';
import { useDebounced } from './load';
import { MarkedLine } from './marked';
import { type Marks, outermost, useMarks } from './marking';
import { useRemembered } from './memory';
import { PreviewArea } from './preview';
import { Hint, Problem } from './problem';
import { copy } from './saving';
import { Splitter } from './splitter';
import { type Transfer, TransferLine, useTransfer } from './transfer';
import { Tree } from './tree';
import {
  asFailure,
  type Changes,
  type Entry,
  Failure,
  type Place,
  type Transport
} from './transport';
import { t } from './words';

const FIND_REST_MS = 200;
/** How long a word is on show, and a sentence. */
const SEEN_MS = 2000;
const READ_MS = 8000;

export interface ArtifactsProps {
  host?: Host | undefined;
  past?: Past | undefined;
  /** Under what it is remembered where one was. */
  memory: string;
  transport: Transport;
  changes: Changes | undefined;
  store: string;
  run: string;
  /** The address of MLflow's own page of the run. */
  page?: string | null;
  visible: boolean;
  /** How many items the store has taken: when it grows, something new can be listed. */
  kept: number | null;
  mayDelete?: boolean;
}

interface Life {
  listing: Listing;
  follow: Follow;
}

function useListing(props: ArtifactsProps): Life | null {
  const { transport, changes, store, run, visible, kept } = props;
  const [life, setLife] = useState<Life | null>(null);
  useEffect(() => {
    const listing = new Listing((query, signal) =>
      transport.artifacts({ store, run, ...query }, signal)
    );
    const follow = new Follow(listing);
    setLife({ listing, follow });
    return () => {
      follow.dispose();
      listing.dispose();
    };
  }, [transport, store, run]);

  useEffect(() => {
    if (life && visible) {
      return changes?.subscribe(change => {
        if (change.run === null || change.path === null) {
          life.follow.touch();
        } else if (change.run === run) {
          life.follow.expect(change.path);
        }
      });
    }
    return undefined;
  }, [life, changes, run, visible]);

  useEffect(() => {
    if (visible) {
      life?.follow.touch();
    }
  }, [life, visible, kept]);
  return life;
}

interface Copied {
  text: string;
  /** Why it was copied, where something else was asked for. */
  why: string;
}

function useCopy(): {
  copied: Copied | null;
  failure: Failure | null;
  start: (text: string, why?: string) => void;
} {
  const [copied, setCopied] = useState<Copied | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const start = useCallback((text: string, why = '') => {
    setFailure(null);
    copy(text).then(
      () => setCopied({ text, why }),
      (error: unknown) => setFailure(asFailure(error))
    );
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setCopied(null), copied?.why ? READ_MS : SEEN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return { copied, failure, start };
}

function EmptyRun(): React.JSX.Element {
  return (
    <Hint>
      <p>{t('Nothing is kept in this run yet.')}</p>
      <p>{t('Show a figure or a table in a cell, and it appears here.')}</p>
    </Hint>
  );
}

function Toolbar(props: {
  place: Place;
  page: string;
  onRefresh: () => void;
  onZip: () => void;
  onCopy: (text: string) => void;
}): React.JSX.Element {
  const uri = runUri(props.place);
  return (
    <div className="mlart-Toolbar" role="group" aria-label={t('Run')}>
      <h3>{t('Files')}</h3>
      <IconLink icon="outside" label={t('Open the run in MLflow')} href={props.page} />
      <IconButton icon="download" label={t('Download the run as zip')} onClick={props.onZip} />
      <IconButton icon="link" label={t('Copy %1', uri)} onClick={() => props.onCopy(uri)} />
      <IconButton icon="refresh" label={t('Refresh')} onClick={props.onRefresh} />
    </div>
  );
}

interface FilesProps {
  listing: Listing;
  transport: Transport;
  store: string;
  run: string;
  look: Look;
  /** Changes when there may be something new. */
  tick: unknown;
  marks: Marks;
  onDelete: (() => void) | undefined;
  onSelect: (path: string, entry?: Entry) => void;
}

function FoundFiles(props: FilesProps): React.JSX.Element {
  const { look, transport, store, run } = props;
  const text = useDebounced(look.text.trim(), FIND_REST_MS);
  const query = { store, run, text, kind: look.kind, sort: look.sort };
  const found = useFound(transport, query, props.tick);
  const tiles = look.view === 'gallery';
  return <Gallery {...props} found={found} tiles={tiles} selected={look.selected} />;
}

function Files(props: FilesProps): React.JSX.Element {
  const { listing, look } = props;
  useSyncExternalStore(listing.subscribe, listing.rows);
  useEffect(() => listing.order(look.sort), [listing, look.sort]);
  if (listing.rootFailure) {
    return <Problem failure={listing.rootFailure} onRetry={() => void listing.refresh()} />;
  }
  if (listing.isEmpty) {
    return <EmptyRun />;
  }
  if (look.text.trim() || look.kind || look.view === 'gallery') {
    return <FoundFiles {...props} />;
  }
  return <Tree {...props} selected={look.selected} />;
}

function useEntry(life: Life | null, path: string | null) {
  const subscribe = life?.listing.subscribe ?? (() => () => undefined);
  return useSyncExternalStore(subscribe, () =>
    path === null ? null : (life?.listing.find(path) ?? null)
  );
}

/** What is selected is remembered for the notebook, so that another run shows the same path. */
function useLook(memory: string, life: Life | null) {
  const [remembered, change] = useRemembered(memory);
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<Entry | null>(null);
  const { selected } = remembered;
  const first = useRef(selected);
  useEffect(() => {
    if (life && first.current !== null) {
      life.follow.expect(first.current);
    }
  }, [life]);
  const listed = useEntry(life, selected);
  const onSelect = useCallback(
    (path: string | null, entry: Entry | null = null) => {
      setPicked(entry);
      change({ selected: path });
    },
    [change]
  );
  const entry = listed ?? (picked?.path === selected ? picked : null);
  return { look: { ...remembered, text }, entry, setText, change, onSelect };
}

/** The user asks for the artifact of an output. */
function useReveal(
  { host, run }: ArtifactsProps,
  life: Life | null,
  onSelect: (path: string) => void
): void {
  useEffect(
    () =>
      host?.onReveal(what => {
        if (life && what.run === run) {
          onSelect(what.path);
          life.follow.expect(what.path);
        }
      }),
    [host, run, life, onSelect]
  );
}

/** Bytes of files that are all listed; null where that is not known, as for a folder. */
function sizeOf(life: Life | null, paths: string[]): number | null {
  const sizes = paths.map(path => life?.listing.find(path)?.size ?? null);
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** What was deleted is listed no longer, and not looked at. */
function useDeletion(
  props: ArtifactsProps,
  life: Life | null,
  after: { marks: Marks; selected: string | null; onSelect: (path: null) => void }
): { deleting: Deleting; deleted: number } {
  const [deleted, setDeleted] = useState(0);
  const deleting = useDeleting(props.transport, props, paths => {
    const { marks, selected, onSelect } = after;
    marks.clear();
    if (paths.some(path => selected === path || selected?.startsWith(`${path}/`))) {
      onSelect(null);
    }
    setDeleted(count => count + paths.length);
    void life?.listing.refresh(paths);
  });
  return { deleting, deleted };
}

interface PaneProps {
  life: Life | null;
  browser: ArtifactsProps;
  looking: ReturnType<typeof useLook>;
  marks: Marks;
  /** Null where nothing may be deleted. */
  deleting: Deleting | null;
  /** How many were deleted here. */
  deleted: number;
  onZip: Transfer['start'];
  onCopy: (text: string) => void;
}

/** What is done with all that is marked; without marks Delete is about what is selected. */
function marking(props: PaneProps, whole: Place) {
  const { life, looking, deleting } = props;
  const { marked } = props.marks;
  const { selected } = looking.look;
  const inQuestion = marked.size > 0 || selected === null ? marked : [selected];
  const onZipMarked = () => {
    const only = outermost(marked);
    props.onZip(whole, { is_dir: true, size: sizeOf(life, only) }, only);
  };
  return { onDelete: deleting ? () => deleting.ask(inQuestion) : undefined, onZipMarked };
}

function FilesPane(props: PaneProps): React.JSX.Element {
  const { life, browser, looking, marks } = props;
  const { transport, store, run } = browser;
  const { look, onSelect } = looking;
  const [refreshed, setRefreshed] = useState(0);
  const whole = { store, run, path: '' };
  const { onDelete, onZipMarked } = marking(props, whole);
  const onRefresh = () => {
    setRefreshed(refreshed + 1);
    void life?.listing.refresh();
  };
  return (
    <div className="mlart-Files">
      <Toolbar
        place={whole}
        page={browser.page ?? ''}
        onRefresh={onRefresh}
        onZip={() => props.onZip(whole, null)}
        onCopy={props.onCopy}
      />
      <FindBar look={look} onText={looking.setText} onChange={looking.change} />
      {life && (
        <Files
          {...{ listing: life.listing, transport, store, run, look, onSelect, marks, onDelete }}
          tick={`${refreshed} ${props.deleted} ${browser.kept ?? ''}`}
        />
      )}
      <MarkedLine
        count={marks.marked.size}
        onZip={onZipMarked}
        onDelete={onDelete}
        onClear={marks.clear}
      />
    </div>
  );
}

/** Another run starts afresh: give it, or what is around it, the run as its key. */
export function Artifacts(props: ArtifactsProps): React.JSX.Element {
  const { transport, store, run } = props;
  const life = useListing(props);
  const looking = useLook(props.memory, life);
  const { entry, onSelect } = looking;
  const { selected } = looking.look;
  const transfer = useTransfer(transport);
  const copying = useCopy();
  const marks = useMarks();
  const { deleting, deleted } = useDeletion(props, life, { marks, selected, onSelect });
  useReveal(props, life, onSelect);
  return (
    <div className="mlart-Artifacts">
      <div className="mlart-Split" data-preview={selected !== null && !entry?.is_dir}>
        <FilesPane
          {...{ life, looking, marks, deleted }}
          browser={props}
          deleting={props.mayDelete ? deleting : null}
          onZip={transfer.start}
          onCopy={copying.start}
        />
        {selected !== null && (
          <>
            <Splitter />
            <PreviewArea
              transport={transport}
              place={{ store, run, path: selected }}
              entry={entry}
              host={props.host}
              past={props.past}
              onDownload={transfer.start}
              onCopy={copying.start}
              onSelect={onSelect}
              onDelete={props.mayDelete ? path => deleting.ask([path]) : undefined}
              onClose={() => onSelect(null)}
            />
          </>
        )}
      </div>
      <DeletingLine deleting={deleting} />
      <TransferLine transfer={transfer} />
      {copying.copied !== null && (
        <div className="mlart-Copied" role="status">
          {copying.copied.why} {t('Copied %1', copying.copied.text)}
        </div>
      )}
      {copying.failure && <Problem failure={copying.failure} />}
    </div>
  );
}
