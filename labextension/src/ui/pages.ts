// Owns the pages of one preview: the first is here, the later ones are fetched as one asks for them.

import { useCallback, useEffect, useRef, useState } from 'react';

import { asFailure, type Failure, isAbort, type Place, type Transport } from './transport';

interface Paged {
  kind: string;
  more?: number | null;
}

export interface Pages<T> {
  pages: T[];
  /** Whether there is another page. */
  more: boolean;
  loading: boolean;
  failure: Failure | null;
  next: () => void;
}

/** A file that has changed its kind meanwhile ends the pages. */
export function usePages<T extends Paged>(
  transport: Transport,
  place: Place,
  first: T,
  limit = 100
): Pages<T> {
  const [pages, setPages] = useState<T[]>([first]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [loading, setLoading] = useState(false);
  const life = useRef(new AbortController());
  const at = pages.length < limit ? (pages.at(-1)?.more ?? null) : null;

  useEffect(() => {
    life.current = new AbortController();
    return () => life.current.abort();
  }, []);

  const next = useCallback(() => {
    if (at === null || loading) {
      return;
    }
    const { signal } = life.current;
    setLoading(true);
    setFailure(null);
    transport
      .preview(place, signal, at)
      .then(
        page => {
          const same = page.kind === first.kind;
          setPages(all => (same ? [...all, page as unknown as T] : all));
        },
        (error: unknown) => isAbort(error) || setFailure(asFailure(error))
      )
      .finally(() => signal.aborted || setLoading(false));
  }, [transport, place, first, at, loading]);
  return { pages, more: at !== null, loading, failure, next };
}
