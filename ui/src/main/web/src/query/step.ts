/** Which points in time a graph asks for. */

import type { Density, Panel, Resolution } from './panels';

/** Points per graph for each density, as upstream's page has them. */
export const POINTS: Readonly<Record<Density, number>> = { low: 100, medium: 250, high: 750 };

/** Steps offered in the list, in milliseconds. */
export const FIXED_STEPS: readonly number[] = [
  1000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/** More points per series than this the server refuses. */
export const MOST_POINTS = 11_000;

/** The step in milliseconds, at least 1. */
export function stepFor(resolution: Resolution, range: number): number {
  switch (resolution.type) {
    case 'auto':
      return Math.max(1, Math.floor(range / POINTS[resolution.density]));
    case 'fixed':
    case 'custom':
      return Math.max(1, Math.round(resolution.step));
  }
}

/** Start, end and step of a range query, in milliseconds. */
export interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/**
 * The grid of a panel. Where its end is chosen, the points are exactly upstream's. Where it follows the clock,
 * the start is moved up to a multiple of the step: a refreshed graph then slides instead of trembling, because
 * the points that stay in view are evaluated at the same times as before.
 */
export function gridOf(panel: Pick<Panel, 'endTime' | 'range' | 'resolution'>, now: number): Grid {
  const step = stepFor(panel.resolution, panel.range);
  const end = panel.endTime ?? now;
  const start = end - panel.range;
  return { start: panel.endTime === null ? Math.ceil(start / step) * step : start, end, step };
}

/** Milliseconds as the API wants them: seconds with up to three decimals. */
export const seconds = (ms: number): string => String(Math.round(ms) / 1000);
