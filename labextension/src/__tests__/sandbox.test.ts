import { describe, expect, it } from 'vitest';

import { sandboxed } from '../ui/sandbox';

const HOSTILE = '<html><head><meta http-equiv="Content-Security-Policy" content="default-src *">';

describe('sandboxed', () => {
  const page = new DOMParser().parseFromString(sandboxed(`${HOSTILE}<p>hi</p>`), 'text/html');

  it('forbids all but data: images and its own styles', () => {
    const policy = page.head.querySelector('meta[http-equiv="Content-Security-Policy"]');
    expect(policy?.getAttribute('content')).toBe(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    );
  });

  it('lets nothing of the artifact come before its policy, nor into the head', () => {
    expect(page.head.querySelectorAll('meta[http-equiv]')).toHaveLength(1);
    expect(page.head.textContent).not.toContain('hi');
    expect(page.body.querySelector('p')?.textContent).toBe('hi');
    expect(sandboxed('<script>').indexOf('Content-Security')).toBeLessThan(
      sandboxed('<script>').indexOf('<script>')
    );
  });

  it('keeps the browser out of quirks mode', () => {
    expect(page.compatMode).toBe('CSS1Compat');
  });
});
