// Owns the words of the interface in the reader's language: English, until somebody hands in a catalogue.

/** What is used of JupyterLab's bundle of translations; `%1` stands for the first argument. */
export interface Bundle {
  __(text: string, ...values: (string | number)[]): string;
  _n(one: string, many: string, count: number, ...values: (string | number)[]): string;
}

/** A text with its values in their places. */
export function filled(text: string, values: (string | number)[]): string {
  return text.replace(/%(\d)/g, (mark, at) => String(values[Number(at) - 1] ?? mark));
}

const ENGLISH: Bundle = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, count, ...values) => filled(count === 1 ? one : many, values)
};

let bundle = ENGLISH;

/** From the next drawing on all words come from here; null is English. */
export function speak(words: Bundle | null): void {
  bundle = words ?? ENGLISH;
}

export function t(text: string, ...values: (string | number)[]): string {
  return bundle.__(text, ...values);
}

/** A noun by its number, without the number. */
export function noun(one: string, count: number): string {
  return bundle._n(one, `${one}s`, count);
}

/** Marks words in a table: `t` says them when they are shown. */
export function word<T extends string>(text: T): T {
  return text;
}
