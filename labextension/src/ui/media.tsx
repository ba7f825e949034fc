// Owns how sound, video and PDF are shown: by the browser's own players.

import React, { useState } from 'react';

import { useAddress } from './image';
import { useLoad } from './load';
import { Hint, Problem } from './problem';
import type { MediaPreview, Place, Transport } from './transport';
import { t } from './words';

/** Bytes that pass through the page's memory where the player has no address to jump in. */
const LARGEST_BLOB = 64 * 1024 * 1024;

interface MediaProps {
  transport: Transport;
  place: Place;
  name: string;
  version: string;
  preview: MediaPreview;
}

function Player({ preview, src, name }: { preview: MediaPreview; src: string; name: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) {
    return (
      <Hint>
        {t('This browser cannot play %1. Download the file instead.', preview.media_type)}
      </Hint>
    );
  }
  const shared = { src, controls: true, 'aria-label': name, onError: () => setBroken(true) };
  switch (preview.kind) {
    case 'audio':
      return <audio className="mlart-Media" {...shared} />;
    case 'video':
      return <video className="mlart-Media" {...shared} />;
    default:
      // the type of the blob is ours, so that it is never taken for a page
      return <iframe className="mlart-Page" title={name} src={src} />;
  }
}

function Fetched(props: MediaProps): React.JSX.Element {
  const { transport, place, preview } = props;
  const content = useLoad(props.version, async signal => {
    const blob = await transport.content(place, signal);
    return new Blob([blob], { type: preview.media_type });
  });
  const address = useAddress(content.value);
  if (content.failure) {
    return <Problem failure={content.failure} onRetry={content.again} />;
  }
  return address ? <Player {...props} src={address} /> : <Hint>{t('Loading …')}</Hint>;
}

function cannotShow(): boolean {
  return (navigator as { pdfViewerEnabled?: boolean }).pdfViewerEnabled === false;
}

export function Media(props: MediaProps): React.JSX.Element {
  const { transport, place, preview } = props;
  const address = preview.kind === 'pdf' ? null : transport.address(place);
  if (preview.kind === 'pdf' && cannotShow()) {
    return <Hint>{t('This browser shows no PDF files. Download the file instead.')}</Hint>;
  }
  if (address) {
    return <Player {...props} src={address} />;
  }
  if (preview.size > LARGEST_BLOB) {
    return <Hint>{t('This file is too large to be shown here. Download it instead.')}</Hint>;
  }
  return <Fetched {...props} />;
}
