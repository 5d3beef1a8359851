import { describe, expect, it } from 'vitest';
import type { Health, Target } from '../server/types';
import { countHealth, decodeFilter, encodeFilter, matches, pools } from './filter';

const target = (scrapePool: string, instance: string, health: Health, lastError = ''): Target => ({
  discoveredLabels: {},
  labels: { instance, job: scrapePool },
  scrapePool,
  scrapeUrl: `http://${instance}/metrics`,
  globalUrl: `http://${instance}/metrics`,
  lastError,
  lastScrape: '2026-01-15T12:30:00Z',
  lastScrapeDuration: 0.01,
  health,
  scrapeInterval: '15s',
  scrapeTimeout: '10s',
});

const A = target('node', 'alpha:9100', 'up');
const B = target('node', 'beta:9100', 'down', 'connection refused');
const C = target('api', 'alpha:80', 'unknown');
const ALL = { text: '', health: null, pool: null } as const;

describe('matches', () => {
  it('looks for every word in address, labels and error', () => {
    expect(matches(A, '')).toBe(true);
    expect(matches(A, 'ALPHA')).toBe(true);
    expect(matches(A, 'job="node" alpha')).toBe(true);
    expect(matches(B, 'refused beta')).toBe(true);
    expect(matches(B, 'refused alpha')).toBe(false);
  });
});

describe('pools', () => {
  it('groups by name and counts the whole pool', () => {
    expect(pools([A, B, C], ALL).map((p) => [p.name, p.targets.length, p.counts])).toEqual([
      ['api', 1, { up: 0, down: 0, unknown: 1 }],
      ['node', 2, { up: 1, down: 1, unknown: 0 }],
    ]);
  });

  it('leaves out what the filter refuses, but not from the counts', () => {
    const found = pools([A, B, C], { ...ALL, health: 'down' });
    expect(found).toHaveLength(1);
    expect(found[0]?.targets).toEqual([B]);
    expect(found[0]?.counts).toEqual({ up: 1, down: 1, unknown: 0 });
    expect(pools([A, B, C], { ...ALL, pool: 'api' }).map((p) => p.name)).toEqual(['api']);
    expect(pools([A, B, C], { ...ALL, text: 'nowhere' })).toEqual([]);
  });
});

it('counts health', () => {
  expect(countHealth([A, B, C, A])).toEqual({ up: 2, down: 1, unknown: 1 });
});

it('travels in the address', () => {
  const filter = { text: 'a b="c"', health: 'down', pool: 'x y' } as const;
  expect(decodeFilter(`?${encodeFilter(filter)}`)).toEqual(filter);
  expect(encodeFilter(ALL)).toBe('');
  expect(decodeFilter('?health=ill')).toEqual(ALL);
});
