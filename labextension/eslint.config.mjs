// Owns the lint rules: strict types, the rules of hooks, and the floors of the front end.

import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const HOST = ['@jupyterlab/*', '@lumino/*', 'react-dom', 'react-dom/*'];

export default tseslint.config(
  { ignores: ['lib', 'node_modules', '**/*.mjs', '**/*.mts', 'style', 'vitest.setup.ts'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.test.json' } },
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 14],
      // numbers read well in texts
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // an arrow that only passes on may return what it is given
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }]
    }
  },
  {
    // the browser component knows no host: it is the sidebar in JupyterLab and the panel everywhere else
    files: ['src/ui/**', 'src/panel.tsx'],
    rules: { 'no-restricted-imports': ['error', { patterns: HOST.slice(0, 2) }] }
  },
  {
    files: ['src/ui/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [...HOST, '../*'] }] }
  },
  {
    files: ['src/__tests__/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off'
    }
  }
);
