/**
 * Whether the server is there. It starts from what the page was served with; a failing call reports the server
 * away, and from then on `/-/ready` is asked once a second until it answers. `epoch` grows each time the server
 * comes back, so that whoever waits for data knows to ask again.
 */

import { useSyncExternalStore } from 'react';
import { replayShare } from './answer';
import { prefix, readyAtLoad } from './page';

export type ServerState = 'ready' | 'starting' | 'stopping' | 'unreachable';

export interface Readiness {
  readonly state: ServerState;
  readonly epoch: number;
  /** How much of the write-ahead log is replayed, 0 to 1, while that is known. */
  readonly replayed: number | null;
}

const POLL_MILLIS = 1000;

let current: Readiness = { state: readyAtLoad ? 'ready' : 'starting', epoch: 0, replayed: null };
let polling = false;
const listeners = new Set<() => void>();

function set(next: Readiness) {
  current = next;
  listeners.forEach((listener) => listener());
}

/** Reports that a call found the server away. */
export function serverAway(state: Exclude<ServerState, 'ready'>): void {
  if (current.state !== state) set({ ...current, state, replayed: null });
  poll();
}

function poll() {
  if (polling) return;
  polling = true;
  setTimeout(() => {
    void look().then((next) => {
      polling = false;
      set(next);
      if (next.state !== 'ready') poll();
    });
  }, POLL_MILLIS);
}

async function look(): Promise<Readiness> {
  try {
    const response = await fetch(`${prefix}/-/ready`, { cache: 'no-store' });
    if (response.ok) return { state: 'ready', epoch: current.epoch + 1, replayed: null };
    if (response.status !== 503) return { ...current, state: 'unreachable', replayed: null };
    const stopping = response.headers.get('X-Prometheus-Stopping') === 'true';
    return { ...current, state: stopping ? 'stopping' : 'starting', replayed: stopping ? null : await replayed() };
  } catch {
    return { ...current, state: 'unreachable', replayed: null };
  }
}

async function replayed(): Promise<number | null> {
  const response = await fetch(`${prefix}/api/v1/status/walreplay`, { cache: 'no-store' });
  if (!response.ok) return null;
  const { data } = (await response.json()) as { data?: { min?: number; max?: number; current?: number } };
  return replayShare(data?.min ?? 0, data?.max ?? 0, data?.current ?? 0);
}

export function useReadiness(): Readiness {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      if (current.state !== 'ready') poll();
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
