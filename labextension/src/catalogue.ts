// Owns the panel's languages: JupyterLab's own catalogues, inside the bundle, since nobody else translates there.

import portuguese from '../../mlart_jupyter/locale/pt_BR/LC_MESSAGES/mlart_jupyter.json';
import { type Bundle, filled } from './ui/words';

interface Language {
  words: Record<string, string[]>;
  /** Which of a noun's forms goes with a number. */
  form: (count: number) => number;
}

const LANGUAGES: Record<string, Language> = {
  pt: { words: portuguese, form: count => Number(count > 1) }
};

/** The words of a language like `pt-BR`, of whatever country; null where English is all there is. */
export function bundleOf(language: string): Bundle | null {
  const found = LANGUAGES[language.toLowerCase().split(/[-_]/)[0] ?? ''];
  if (!found) {
    return null;
  }
  const { words, form } = found;
  return {
    __: (text, ...values) => filled(words[text]?.[0] ?? text, values),
    _n: (one, many, count, ...values) =>
      filled(words[one]?.[form(count)] ?? (count === 1 ? one : many), values)
  };
}
