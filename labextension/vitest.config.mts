// Owns how the tests run: in jsdom, with JupyterLab's packages taken as their ES modules.

import { readFileSync } from 'node:fs';

import { defineConfig } from 'vitest/config';

/** JupyterLab imports its pictures as text. */
const svgAsText = {
  name: 'svg-as-text',
  enforce: 'pre' as const,
  load(id: string) {
    const file = id.split('?')[0] ?? '';
    return file.endsWith('.svg')
      ? `export default ${JSON.stringify(readFileSync(file, 'utf8'))}`
      : undefined;
  }
};

export default defineConfig({
  plugins: [svgAsText],
  resolve: { mainFields: ['module', 'main'] },
  test: {
    setupFiles: ['./vitest.setup.ts'],
    environment: 'jsdom',
    include: ['src/__tests__/*.test.{ts,tsx}'],
    css: false,
    // jupyterlab's packages are ES modules without file endings, which node does not load
    server: { deps: { inline: [/@jupyterlab|@lumino|@jupyter|@microsoft|@rjsf|@codemirror/] } }
  }
});
