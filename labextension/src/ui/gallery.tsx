// Owns the files that were found on the screen: as lines, or as a gallery of small pictures; only those in sight.

import { useVirtualizer } from '@tanstack/react-virtual';
import React, { useEffect, useId, useRef, useState } from 'react';

import { describeEntry, folderOf, formatCount, formatSize } from './format';
import type { FoundFiles } from './found';
import { Icon, iconOf } from './icons';
import { drawable, useAddress } from './image';
import { useLoad } from './load';
import { isMarked, markByClick, markByKey, markByMove, type Marks } from './marking';
import { Hint, Problem } from './problem';
import type { Entry, Transport } from './transport';
import { t } from './words';

const TILE_WIDTH = 108;
const TILE_HEIGHT = 112;
const LINE_HEIGHT = 36;
/** Bytes of a picture that is fetched for its small form. */
const LARGEST_THUMB = 2_000_000;
const PICTURES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff'
};

interface GalleryProps {
  transport: Transport;
  store: string;
  run: string;
  found: FoundFiles;
  tiles: boolean;
  selected: string | null;
  marks: Marks;
  onSelect: (path: string, entry: Entry) => void;
}

function pathsOf({ found }: GalleryProps): string[] {
  return found.entries.map(({ path }) => path);
}

function mediaTypeOf(entry: Entry): string | null {
  const ending = entry.name.split('.').at(-1)?.toLowerCase() ?? '';
  const small = entry.size !== null && entry.size <= LARGEST_THUMB;
  return small && entry.state === 'stored' ? (PICTURES[ending] ?? null) : null;
}

/** By <img> only, where the scripts of an SVG do not run. */
function Thumb(props: GalleryProps & { entry: Entry; type: string }): React.JSX.Element {
  const { transport, store, run, entry, type } = props;
  const key = `${store} ${run} ${entry.path} ${entry.size} ${entry.time}`;
  const place = { store, run, path: entry.path };
  const content = useLoad(key, signal => drawable({ transport, place, type }, signal), 100);
  const address = useAddress(content.value?.blob ?? null);
  return address ? <img src={address} alt="" /> : <Icon name={iconOf(entry)} />;
}

function Item(props: GalleryProps & { entry: Entry; index: number; id: string }) {
  const { entry, tiles } = props;
  const type = tiles ? mediaTypeOf(entry) : null;
  return (
    <div
      id={`${props.id}${props.index}`}
      role="option"
      aria-selected={isMarked(props.marks, entry.path, props.selected)}
      data-focus={entry.path === props.selected}
      aria-posinset={props.index + 1}
      aria-setsize={props.found.total ?? -1}
      className={tiles ? 'mlart-Tile' : 'mlart-Line'}
      title={describeEntry(entry)}
      onClick={event => {
        const place = { paths: () => pathsOf(props), path: entry.path, focus: props.selected };
        if (!markByClick(props.marks, event, place)) {
          props.onSelect(entry.path, entry);
        }
      }}
    >
      {type ? <Thumb {...props} type={type} /> : <Icon name={iconOf(entry)} />}
      <span className="mlart-Tile-name">{entry.name}</span>
      {!tiles && <span className="mlart-Row-size">{formatSize(entry.size)}</span>}
      {!tiles && <span className="mlart-Line-folder">{folderOf(entry.path)}</span>}
    </div>
  );
}

function stepOf(key: string, across: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -across,
    ArrowDown: across,
    Home: -Infinity,
    End: Infinity
  };
  return steps[key] ?? null;
}

function useWidth(node: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observed = node.current;
    if (!observed) {
      return;
    }
    const look = () => setWidth(observed.offsetWidth);
    const observer = new ResizeObserver(look);
    observer.observe(observed);
    look();
    return () => observer.disconnect();
  }, [node]);
  return width;
}

/** Which rows of how many files are in sight; word for the next page at the last of them. */
function useInSight(props: GalleryProps, scroller: React.RefObject<HTMLDivElement>) {
  const { tiles, found } = props;
  const { entries, more } = found;
  const width = useWidth(scroller);
  const across = tiles ? Math.max(1, Math.floor(width / TILE_WIDTH)) : 1;
  const height = tiles ? TILE_HEIGHT : LINE_HEIGHT;
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: Math.ceil(entries.length / across),
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 3
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const last = virtualizer.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if ((last + 1) * across >= entries.length) {
      more();
    }
  }, [last, across, entries.length, more]);
  return { across, height, virtualizer };
}

function Rows(props: GalleryProps & ReturnType<typeof useInSight> & { id: string }) {
  const { across, height, virtualizer, found } = props;
  return (
    <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
      {virtualizer.getVirtualItems().map(row => (
        <div
          key={row.index}
          role="presentation"
          className="mlart-TileRow"
          style={{ transform: `translateY(${row.start}px)`, height }}
        >
          {found.entries.slice(row.index * across, (row.index + 1) * across).map((entry, index) => (
            <Item key={entry.path} {...props} entry={entry} index={row.index * across + index} />
          ))}
        </div>
      ))}
    </div>
  );
}

export function Gallery(props: GalleryProps): React.JSX.Element {
  const { found, selected } = props;
  const { entries } = found;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const inSight = useInSight(props, scroller);
  const { across, virtualizer } = inSight;
  const at = entries.findIndex(entry => entry.path === selected);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const place = { paths: () => pathsOf(props), focus: selected };
    if (markByKey(props.marks, event, place)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const step = stepOf(event.key, across);
    const next = step === null ? -1 : Math.min(Math.max(at + step, 0), entries.length - 1);
    const entry = entries[next];
    if (entry) {
      event.preventDefault();
      event.stopPropagation();
      markByMove(props.marks, event, { ...place, path: entry.path });
      props.onSelect(entry.path, entry);
      virtualizer.scrollToIndex(Math.floor(next / across));
    }
  };
  const shown = virtualizer.getVirtualItems().some(row => row.index === Math.floor(at / across));
  return (
    <>
      <div className="mlart-Preview-note" role="status">
        {found.total === null ? t('Looking …') : formatCount(found.total, 'file')}
      </div>
      {found.failure && <Problem failure={found.failure} onRetry={found.again} />}
      {found.total === 0 && <Hint>{t('No file matches.')}</Hint>}
      <div
        ref={scroller}
        className="mlart-Tree"
        role="listbox"
        aria-label={t('Files of the run')}
        aria-multiselectable
        aria-activedescendant={at >= 0 && shown ? `${id}${at}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <Rows {...props} {...inSight} id={id} />
      </div>
    </>
  );
}
