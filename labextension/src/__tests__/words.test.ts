import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { bundleOf } from '../catalogue';
import { formatCount } from '../ui/format';
import { speak, t } from '../ui/words';

const HERE = process.cwd();
const LOCALE = join(HERE, '../mlart_jupyter/locale');
const CALL = /(?<![\w.])(?:t|word)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
const NOUN = /formatCount\([^;]*?,\s*'(\w+)'\)/g;
const LIST = /\[([^\]]*)\]\.map\(word\)/g;

/** All that the interface says, as its sources have it. */
function said(): Set<string> {
  const folders = ['src', 'src/ui'].map(name => join(HERE, name));
  const files = folders.flatMap(folder => readdirSync(folder).map(name => join(folder, name)));
  const found = new Set<string>();
  for (const file of files.filter(name => /\.tsx?$/.test(name))) {
    const text = readFileSync(file, 'utf8');
    [...text.matchAll(CALL)].forEach(([, one, other]) => found.add(one ?? other ?? ''));
    [...text.matchAll(NOUN)].forEach(([, noun]) => found.add(noun ?? ''));
    for (const [, list] of text.matchAll(LIST)) {
      [...(list ?? '').matchAll(/'(\w+)'/g)].forEach(([, word]) => found.add(word ?? ''));
    }
  }
  return found;
}

const marks = (text: string) => [...text.matchAll(/%\d|`[^`]*`/g)].map(([mark]) => mark).sort();

describe.each(readdirSync(LOCALE))('the catalogue %s', language => {
  const file = join(LOCALE, language, 'LC_MESSAGES/mlart_jupyter.json');
  const catalogue = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;

  it('names its language as JupyterLab asks for it', () => {
    expect(catalogue['']).toMatchObject({
      domain: 'mlart_jupyter',
      language: language.replace('_', '-')
    });
  });

  it('has all words of the interface, and no others', () => {
    const known = Object.keys(catalogue).filter(Boolean);
    expect(known.sort()).toEqual([...said()].sort());
    expect(known.length).toBeGreaterThan(100);
  });

  it('leaves places and code as they are', () => {
    for (const [text, forms] of Object.entries(catalogue).filter(([text]) => text)) {
      forms.forEach(form => expect(marks(form), text).toEqual(marks(text)));
    }
  });
});

describe('words', () => {
  afterEach(() => speak(null));

  it('are English with their values filled in, until there is a catalogue', () => {
    expect(t('Version %1 of %2', 1, 3)).toBe('Version 1 of 3');
    expect([formatCount(1, 'file'), formatCount(0, 'file')]).toEqual(['1 file', '0 files']);
  });

  it('have a form for each number, of whatever country the reader is', () => {
    for (const language of ['pt-BR', 'pt_BR', 'PT']) {
      speak(bundleOf(language));
      expect([formatCount(1, 'file'), formatCount(2, 'file')]).toEqual(['1 arquivo', '2 arquivos']);
      expect(t('Copy %1', '$&')).toBe('Copiar $&');
      expect(t('of no catalogue')).toBe('of no catalogue');
    }
    expect([bundleOf('en-US'), bundleOf(''), bundleOf('ptolemy')]).toEqual([null, null, null]);
  });

  it('come from the catalogue that is handed in', () => {
    speak({
      __: (text, ...values) => `<${text}${values.join('')}>`,
      _n: (one, _many, count) => (count > 1 ? 'arquivos' : one)
    });
    expect(t('Copy %1', 'x')).toBe('<Copy %1x>');
    expect(formatCount(2, 'file')).toBe('2 arquivos');
  });
});
