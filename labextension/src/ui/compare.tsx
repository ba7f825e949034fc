// Owns two versions of a picture in one view: side by side, one over the other, or what differs.

import React, { useState } from 'react';

import { drawable, useAddress } from './image';
import { useLoad } from './load';
import { Hint, Problem } from './problem';
import type { Place, Transport } from './transport';
import { t } from './words';

export type CompareMode = 'alone' | 'beside' | 'overlay' | 'difference';

function usePicture(transport: Transport, place: Place, type: string) {
  const content = useLoad(`${place.store} ${place.run} ${place.path}`, signal =>
    drawable({ transport, place, type }, signal)
  );
  const address = useAddress(content.value?.blob ?? null);
  return { address, failure: content.failure, again: content.again };
}

export function Compare(props: {
  transport: Transport;
  place: Place;
  /** The version before. */
  before: string;
  mediaType: string;
  mode: CompareMode;
}): React.JSX.Element {
  const { transport, place, mediaType, mode } = props;
  const [share, setShare] = useState(50);
  const now = usePicture(transport, place, mediaType);
  const then = usePicture(transport, { ...place, path: props.before }, mediaType);
  const failed = now.failure ? now : then;
  if (failed.failure) {
    return <Problem failure={failed.failure} onRetry={failed.again} />;
  }
  if (!now.address || !then.address) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  return (
    <>
      {mode === 'overlay' && (
        <label className="mlart-Preview-note">
          {t('Before')}
          <input
            type="range"
            aria-label={t('How much of this version')}
            value={share}
            onChange={event => setShare(Number(event.target.value))}
          />
          {t('This version')}
        </label>
      )}
      <div className={`mlart-Compare mlart-Compare-${mode}`}>
        <img src={then.address} alt={t('The version before')} />
        <img
          src={now.address}
          alt={t('This version')}
          style={mode === 'overlay' ? { opacity: share / 100 } : undefined}
        />
      </div>
    </>
  );
}
