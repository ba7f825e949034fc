// Owns how a picture is shown: always by <img>, where the scripts of an SVG do not run; what no browser draws as PNG.

import React, { useEffect, useState } from 'react';

import { Facts } from './facts';
import { useLoad } from './load';
import { Hint, Problem } from './problem';
import { type Fact, Failure, type ImagePreview, type Place, type Transport } from './transport';
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

export interface Drawable {
  blob: Blob;
  facts?: Fact[];
}

interface Wanted {
  transport: Transport;
  place: Place;
  type: string;
}

async function converted({ transport, place }: Wanted, signal: AbortSignal): Promise<Drawable> {
  const { png, facts } = await transport.picture(place, signal);
  const bytes = Uint8Array.from(atob(png), character => character.charCodeAt(0));
  return { blob: new Blob([bytes], { type: 'image/png' }), facts };
}

/** A picture's bytes as a browser draws them: TIFF becomes PNG where the file is. */
export async function drawable(wanted: Wanted, signal: AbortSignal): Promise<Drawable> {
  const { transport, place, type } = wanted;
  if (type === 'image/tiff') {
    return converted(wanted, signal);
  }
  return { blob: new Blob([await transport.content(place, signal)], { type }) };
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
  // not every browser draws AVIF
  const [other, setOther] = useState(false);
  const content = useLoad(`${props.version} ${other}`, async signal => {
    const wanted = { transport, place, type: preview.media_type };
    const found = await (other ? converted(wanted, signal) : drawable(wanted, signal));
    setBroken(false);
    return found;
  });
  const onError = () =>
    (preview.media_type === 'image/avif' && !other ? setOther : setBroken)(true);
  const address = useAddress(content.value?.blob ?? null);
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
    <>
      <Facts facts={content.value?.facts} />
      <button
        type="button"
        className="mlart-Image"
        aria-pressed={full}
        title={full ? t('Fit to the panel') : t('Show in full size')}
        onClick={() => setFull(!full)}
      >
        <img src={address} alt={props.name} onError={onError} />
      </button>
    </>
  );
}
