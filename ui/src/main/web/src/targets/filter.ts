/** Which targets the page shows, and how it groups them. */

import type { Health, Target } from '../server/types';

export interface Filter {
  readonly text: string;
  /** Null for all. */
  readonly health: Health | null;
  /** Null for all. */
  readonly pool: string | null;
}

const HEALTHS: readonly Health[] = ['up', 'down', 'unknown'];

/** `search`, `health` and `pool` of the address. */
export function decodeFilter(search: string): Filter {
  const params = new URLSearchParams(search);
  return {
    text: params.get('search') ?? '',
    health: HEALTHS.find((health) => health === params.get('health')) ?? null,
    pool: params.get('pool') || null,
  };
}

export function encodeFilter({ text, health, pool }: Filter): string {
  const params = new URLSearchParams();
  if (pool !== null) params.set('pool', pool);
  if (health !== null) params.set('health', health);
  if (text !== '') params.set('search', text);
  return params.toString();
}

/**
 * Whether every word of the text is found in the target's address, labels (as `name="value"`) or error,
 * whatever the case.
 */
export function matches(target: Target, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return true;
  const labels = Object.entries(target.labels).map(([name, value]) => `${name}="${value}"`);
  const searched = [target.scrapeUrl, target.scrapePool, target.lastError, ...labels].join('\n').toLowerCase();
  return words.every((word) => searched.includes(word));
}

export type Counts = Readonly<Record<Health, number>>;

export function countHealth(targets: readonly Target[]): Counts {
  const counts = { up: 0, down: 0, unknown: 0 };
  for (const target of targets) counts[target.health]++;
  return counts;
}

export interface Pool {
  readonly name: string;
  /** Of the whole pool, whatever the filter. */
  readonly counts: Counts;
  readonly targets: readonly Target[];
}

/** The pools by name, each with the targets that pass the filter; pools without any are left out. */
export function pools(targets: readonly Target[], { text, health, pool }: Filter): Pool[] {
  const byPool = new Map<string, Target[]>();
  for (const target of targets) {
    const members = byPool.get(target.scrapePool);
    if (members === undefined) byPool.set(target.scrapePool, [target]);
    else members.push(target);
  }
  return [...byPool]
    .filter(([name]) => pool === null || pool === name)
    .map(([name, members]) => ({
      name,
      counts: countHealth(members),
      targets: members.filter((target) => (health === null || target.health === health) && matches(target, text)),
    }))
    .filter((group) => group.targets.length > 0)
    .sort((a, b) => a.name.localeCompare(b.name));
}
