/**
 * A question to the API as a React hook: asked when `ask` is called, the last answer kept while the next is on
 * its way, an older answer never shown over a newer one, the request cancelled when nobody waits for it.
 */

import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, type Answer } from './answer';
import { ask } from './client';

export interface Asked<T, C> {
  readonly loading: boolean;
  /** The last good answer; dropped by an error, kept while loading. */
  readonly answer: Answer<T> | null;
  /** What the caller noted when it asked for `answer`. */
  readonly context: C | null;
  readonly error: ApiError | null;
  /** From the question to the parsed answer, in milliseconds. */
  readonly took: number;
}

const NOTHING = { loading: false, answer: null, context: null, error: null, took: 0 } as const;

export interface Question<C> {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly context: C;
}

export function useAnswer<T, C = null>(): Asked<T, C> & { readonly put: (question: Question<C>) => void; readonly cancel: () => void } {
  const [state, setState] = useState<Asked<T, C>>(NOTHING);
  const running = useRef<AbortController | null>(null);

  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState((old) => ({ ...old, loading: false }));
  }, []);

  const put = useCallback(({ path, params, context }: Question<C>) => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    const asked = performance.now();
    setState((old) => ({ ...old, loading: true }));
    ask<T>(path, params, mine.signal).then(
      (answer) => {
        if (running.current !== mine) return;
        setState({ loading: false, answer, context, error: null, took: performance.now() - asked });
      },
      (error: unknown) => {
        if (running.current !== mine) return;
        const told = error instanceof ApiError ? error : new ApiError('page', String(error));
        setState({ loading: false, answer: null, context, error: told, took: performance.now() - asked });
      },
    );
  }, []);

  useEffect(() => () => running.current?.abort(), []);

  return { ...state, put, cancel };
}
