// Owns the life of one question to the transport: asked, answered or failed, asked again.

import { useCallback, useEffect, useRef, useState } from 'react';

import { asFailure, type Failure, isAbort } from './transport';

export interface Load<T> {
  /** The last answer to this question; kept while it is asked again, and when that fails. */
  value: T | null;
  failure: Failure | null;
  /** Asks again, unless the answer is on its way. */
  again: () => void;
}

interface Answer<T> {
  key: string;
  value: T | null;
  failure: Failure | null;
}

/** `key` names the question: a new key asks anew, and null asks nothing. */
export function useLoad<T>(
  key: string | null,
  ask: (signal: AbortSignal) => Promise<T>,
  delay = 0
): Load<T> {
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const asking = useRef(false);
  const latestAsk = useRef(ask);
  latestAsk.current = ask;

  useEffect(() => {
    if (key === null) {
      return;
    }
    const life = new AbortController();
    const run = async () => {
      const next = await answerTo(key, () => latestAsk.current(life.signal));
      if (!life.signal.aborted && next) {
        asking.current = false;
        setAnswer(last => ({ ...next, value: next.value ?? valueOf(last, key) }));
      }
    };
    asking.current = true;
    const timer = setTimeout(() => void run(), delay);
    return () => {
      clearTimeout(timer);
      life.abort();
      asking.current = false;
    };
  }, [key, attempt, delay]);

  const again = useCallback(() => {
    if (!asking.current) {
      setAttempt(count => count + 1);
    }
  }, []);
  const failure = answer && answer.key === key ? answer.failure : null;
  return { value: valueOf(answer, key), failure, again };
}

async function answerTo<T>(key: string, ask: () => Promise<T>): Promise<Answer<T> | null> {
  try {
    return { key, value: await ask(), failure: null };
  } catch (error) {
    return isAbort(error) ? null : { key, value: null, failure: asFailure(error) };
  }
}

function valueOf<T>(answer: Answer<T> | null, key: string | null): T | null {
  return answer && answer.key === key ? answer.value : null;
}

/** A value that waits until its source has been still for a while. */
export function useDebounced<T>(value: T, delay: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return settled;
}

export function useInterval(tick: () => void, milliseconds: number | null): void {
  const latestTick = useRef(tick);
  latestTick.current = tick;
  useEffect(() => {
    if (milliseconds === null) {
      return;
    }
    const timer = setInterval(() => latestTick.current(), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}
