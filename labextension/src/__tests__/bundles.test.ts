import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

// the tests run in the front end's own folder
const BUILT = join(process.cwd(), '../mlart_jupyter');
const MOST = 60_000;

function packed(folder: string): number {
  const files = readdirSync(join(BUILT, folder)).filter(name => /\.(js|css)$/.test(name));
  expect(files.length).toBeGreaterThan(1);
  const sizes = files.map(name => gzipSync(readFileSync(join(BUILT, folder, name))).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('what is loaded at the start', () => {
  it.each(['labextension/static', 'static'])('is at most 60 kB, packed: %s', folder => {
    expect(existsSync(join(BUILT, folder)), 'build first: npm run build:prod').toBe(true);
    const size = packed(folder);
    console.info(`${folder}: ${size} bytes, packed`);
    expect(size).toBeLessThan(MOST);
  });
});
