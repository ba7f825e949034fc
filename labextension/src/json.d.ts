// Owns what a catalogue of words is to TypeScript: it lies outside of the sources.

declare module '*.json' {
  const words: Record<string, string[]>;
  export default words;
}
