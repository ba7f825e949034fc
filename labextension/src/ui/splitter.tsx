// Owns the line between tree and preview that can be dragged, or moved with the arrow keys.

import React, { useRef, useState } from 'react';
import { t } from './words';

const STEP = 4;
const LEAST = 15;
const MOST = 85;

/** Sets `--mlart-split`, the preview's share of its parent in percent; the style sheet decides along which axis. */
export function Splitter(): React.JSX.Element {
  const line = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(50);

  const move = (wanted: number) => {
    const next = Math.round(Math.min(Math.max(wanted, LEAST), MOST));
    setShare(next);
    line.current?.parentElement?.style.setProperty('--mlart-split', `${next}%`);
  };
  const onPointerMove = (event: React.PointerEvent) => {
    const box = line.current?.parentElement?.getBoundingClientRect();
    if (!box || !line.current?.hasPointerCapture(event.pointerId)) {
      return;
    }
    const sideBySide = line.current.offsetHeight > line.current.offsetWidth;
    const part = sideBySide
      ? (box.right - event.clientX) / box.width
      : (box.bottom - event.clientY) / box.height;
    move(100 * part);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const larger = ['ArrowUp', 'ArrowLeft'].includes(event.key);
    const smaller = ['ArrowDown', 'ArrowRight'].includes(event.key);
    if (larger || smaller) {
      event.preventDefault();
      move(share + (larger ? STEP : -STEP));
    }
  };
  return (
    <div
      ref={line}
      className="mlart-Splitter"
      role="separator"
      aria-label={t('Size of the preview')}
      aria-valuenow={share}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    />
  );
}
