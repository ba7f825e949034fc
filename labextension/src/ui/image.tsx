// Owns how a picture is shown: always by <img>, where the scripts of an SVG do not run.

import React, { useEffect, useState } from 'react';

import { useLoad } from './load';
import { Problem, Hint } from './problem';
import { Failure, type ImagePreview, type Place, type Transport } from './transport';
import { t } from './words';

function readAsDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(t('The picture cannot be read.')));
    reader.readAsDataURL(blob);
  });
}

/**
 * An object URL shares the page's origin, so an SVG opened from it in a tab of its own could run scripts as the user;
 * a data: URL cannot be opened that way.
 */
async function addressOf(blob: Blob): Promise<string> {
  return blob.type.startsWith('image/svg') ? readAsDataUrl(blob) : URL.createObjectURL(blob);
}

/** The address of the blob; the last one stays valid until the next is shown. */
export function useAddress(blob: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) {
      return;
    }
    let current = true;
    void addressOf(blob).then(url => (current ? setAddress(url) : URL.revokeObjectURL(url)));
    return () => {
      current = false;
    };
  }, [blob]);
  useEffect(() => (address === null ? undefined : () => URL.revokeObjectURL(address)), [address]);
  return address;
}

export function Image(props: {
  transport: Transport;
  place: Place;
  name: string;
  version: string;
  preview: ImagePreview;
}): React.JSX.Element {
  const { transport, place, preview } = props;
  const [full, setFull] = useState(false);
  const [broken, setBroken] = useState(false);
  const content = useLoad(props.version, async signal => {
    const blob = await transport.content(place, signal);
    setBroken(false);
    return new Blob([blob], { type: preview.media_type });
  });
  const address = useAddress(content.value);
  if (content.failure) {
    return <Problem failure={content.failure} onRetry={content.again} />;
  }
  if (broken) {
    const failure = new Failure(
      t('The picture cannot be drawn.'),
      t('Download the file to look into it.')
    );
    return <Problem failure={failure} onRetry={content.again} />;
  }
  if (!address) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  return (
    <button
      type="button"
      className="mlart-Image"
      aria-pressed={full}
      title={full ? t('Fit to the panel') : t('Show in full size')}
      onClick={() => setFull(!full)}
    >
      <img src={address} alt={props.name} onError={() => setBroken(true)} />
    </button>
  );
}
