/** The expressions executed in this browser, newest first, under upstream's key. */

import { decode, recall, remember } from '../settings/settings';

const KEY = 'queryHistory';
export const LONGEST_HISTORY = 50;

export function pastQueries(): readonly string[] {
  const stored: unknown = decode<unknown>(recall(KEY), []);
  return Array.isArray(stored) ? stored.filter((entry) => typeof entry === 'string') : [];
}

/** `past` with `expr` in front; said twice counts once. */
export function withQuery(past: readonly string[], expr: string): readonly string[] {
  const text = expr.trim();
  return text === '' ? past : [text, ...past.filter((p) => p !== text)].slice(0, LONGEST_HISTORY);
}

export function rememberQuery(expr: string): void {
  remember(KEY, JSON.stringify(withQuery(pastQueries(), expr)));
}

export function forgetQueries(): void {
  remember(KEY, '[]');
}
