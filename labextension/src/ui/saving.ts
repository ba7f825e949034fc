// Owns what leaves the page: files that are saved and text that is copied.

import { type Download, Failure } from './transport';
import { t } from './words';

// browsers read the blob after the click returns; a minute is ample
const FORGET_MS = 60_000;

export function save(download: Download, name: string): void {
  if ('url' in download) {
    clickLink(download.url, name);
    return;
  }
  const url = URL.createObjectURL(download.blob);
  clickLink(url, name);
  setTimeout(() => URL.revokeObjectURL(url), FORGET_MS);
}

function clickLink(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

export async function copy(text: string): Promise<void> {
  // whatever its type says, a page served over plain http from another machine has no clipboard
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) {
    await clipboard.writeText(text);
  } else if (!copyBySelection(text)) {
    throw new Failure(
      t('The browser does not let this page copy.'),
      t('Copy it by hand: %1', text)
    );
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  // deprecated, and the only way without a clipboard
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
