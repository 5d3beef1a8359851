/**
 * What a reader has chosen for this browser. The keys are upstream's (`settings.useLocalTime`, ...), so that
 * choices made on a Prometheus page at the same address stay in force. Where the browser forbids storage the
 * choices last as long as the page.
 */

import { useSyncExternalStore } from 'react';
import type { Zone } from '../text/time';

export interface Settings {
  readonly useLocalTime: boolean;
  readonly enableQueryHistory: boolean;
  readonly enableAutocomplete: boolean;
  readonly enableSyntaxHighlighting: boolean;
  readonly enableLinter: boolean;
  readonly showQueryWarnings: boolean;
  readonly showQueryInfoNotices: boolean;
  /** Seconds between two runs of the queries on the page; 0 for never. Ours, not upstream's. */
  readonly refreshSeconds: number;
}

export const DEFAULTS: Settings = {
  useLocalTime: false,
  enableQueryHistory: true,
  enableAutocomplete: true,
  enableSyntaxHighlighting: true,
  enableLinter: true,
  showQueryWarnings: true,
  showQueryInfoNotices: true,
  refreshSeconds: 0,
};

/** A stored text to a setting: what does not have the default's type is as good as absent. */
export function decode<T>(stored: string | null, fallback: T): T {
  if (stored === null) return fallback;
  try {
    const value: unknown = JSON.parse(stored);
    return typeof value === typeof fallback ? (value as T) : fallback;
  } catch {
    return fallback;
  }
}

/** Reads from the browser's storage; null where it is absent or forbidden. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Writes to the browser's storage where that is allowed and has room; there is nothing to do where not. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

function load(): Settings {
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => [key, decode(recall(`settings.${key}`), fallback)]);
  return Object.fromEntries(entries) as Settings;
}

let current: Settings | null = null;
const listeners = new Set<() => void>();
const settings = () => (current ??= load());

export function change(changes: Partial<Settings>): void {
  current = { ...settings(), ...changes };
  for (const [key, value] of Object.entries(changes)) remember(`settings.${key}`, JSON.stringify(value));
  listeners.forEach((listener) => listener());
}

export function useSettings(): Settings {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, settings);
}

export function useZone(): Zone {
  return useSettings().useLocalTime ? 'local' : 'utc';
}
