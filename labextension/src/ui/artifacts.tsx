// Owns one run on the screen: its tree, the preview of what is selected, and its downloads.

import React, { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

import { IconButton } from './button';
import { Follow } from './follow';
import { runUri } from './format';
import { Listing } from './listing';
import { PreviewArea } from './preview';
import { Hint, Problem } from './problem';
import { copy } from './saving';
import { Splitter } from './splitter';
import { TransferLine, useTransfer } from './transfer';
import { Tree } from './tree';
import { asFailure, type Changes, Failure, type Place, type Transport } from './transport';

export interface ArtifactsProps {
  transport: Transport;
  changes: Changes | undefined;
  store: string;
  run: string;
  visible: boolean;
  /** How many items the store has taken: when it grows, something new can be listed. */
  kept: number | null;
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

function useCopy(): { copied: string | null; failure: Failure | null; start: (s: string) => void } {
  const [copied, setCopied] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const start = useCallback((text: string) => {
    setFailure(null);
    copy(text).then(
      () => setCopied(text),
      (error: unknown) => setFailure(asFailure(error))
    );
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setCopied(null), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return { copied, failure, start };
}

function EmptyRun(): React.JSX.Element {
  return (
    <Hint>
      <p>Nothing is kept in this run yet.</p>
      <p>Show a figure or a table in a cell, and it appears here.</p>
    </Hint>
  );
}

function Toolbar(props: {
  place: Place;
  onRefresh: () => void;
  onZip: () => void;
  onCopy: (text: string) => void;
}): React.JSX.Element {
  const uri = runUri(props.place);
  return (
    <div className="mlart-Toolbar" role="group" aria-label="Run">
      <h3>Files</h3>
      <IconButton icon="download" label="Download the run as zip" onClick={props.onZip} />
      <IconButton icon="link" label={`Copy ${uri}`} onClick={() => props.onCopy(uri)} />
      <IconButton icon="refresh" label="Refresh" onClick={props.onRefresh} />
    </div>
  );
}

function Files(props: {
  listing: Listing;
  selected: string | null;
  onSelect: (path: string) => void;
}): React.JSX.Element {
  const { listing } = props;
  useSyncExternalStore(listing.subscribe, listing.rows);
  if (listing.rootFailure) {
    return <Problem failure={listing.rootFailure} onRetry={() => void listing.refresh()} />;
  }
  return listing.isEmpty ? <EmptyRun /> : <Tree {...props} />;
}

function useEntry(life: Life | null, path: string | null) {
  const subscribe = life?.listing.subscribe ?? (() => () => undefined);
  return useSyncExternalStore(subscribe, () =>
    path === null ? null : (life?.listing.find(path) ?? null)
  );
}

/** Another run starts afresh: give it, or what is around it, the run as its key. */
export function Artifacts(props: ArtifactsProps): React.JSX.Element {
  const { transport, store, run } = props;
  const life = useListing(props);
  const [selected, setSelected] = useState<string | null>(null);
  const entry = useEntry(life, selected);
  const transfer = useTransfer(transport);
  const copying = useCopy();
  const whole = { store, run, path: '' };
  return (
    <div className="mlart-Artifacts">
      <div className="mlart-Split" data-preview={selected !== null && !entry?.is_dir}>
        <div className="mlart-Files">
          <Toolbar
            place={whole}
            onRefresh={() => void life?.listing.refresh()}
            onZip={() => transfer.start(whole, null)}
            onCopy={copying.start}
          />
          {life && <Files listing={life.listing} selected={selected} onSelect={setSelected} />}
        </div>
        {selected !== null && (
          <>
            <Splitter />
            <PreviewArea
              transport={transport}
              place={{ store, run, path: selected }}
              entry={entry}
              onDownload={transfer.start}
              onCopy={copying.start}
              onClose={() => setSelected(null)}
            />
          </>
        )}
      </div>
      <TransferLine transfer={transfer} />
      {copying.copied !== null && (
        <div className="mlart-Copied" role="status">
          Copied {copying.copied}
        </div>
      )}
      {copying.failure && <Problem failure={copying.failure} />}
    </div>
  );
}
