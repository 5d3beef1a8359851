/**
 * From the answer of a range query to the columns a chart draws.
 *
 * The server evaluates at start, start + step, ... and leaves out the points where a series has no value, so
 * every point finds its place in a common grid by one division; what stays empty is a gap in the line.
 */

import type { RangeSeries } from '../server/types';
import type { LabelSet } from '../text/series';
import type { Grid } from './step';

export type Column = (number | null)[];

export interface ChartData {
  /** Seconds since 1970, evenly spaced. */
  readonly times: number[];
  readonly labels: readonly LabelSet[];
  /** One value per time and series; null for a gap. */
  readonly columns: readonly Column[];
  /** How many values could not be drawn because they are infinite. */
  readonly infinite: number;
  /** How many series hold native histograms and no plain numbers: a line cannot show these. */
  readonly histograms: number;
  /** Series beyond `most`, left out. */
  readonly left: number;
}

/** Lays out the first `most` series on the grid. */
export function chartData(result: readonly RangeSeries[], grid: Grid, most: number): ChartData {
  const points = Math.max(1, Math.floor((grid.end - grid.start) / grid.step) + 1);
  const times = Array.from({ length: points }, (_, i) => (grid.start + i * grid.step) / 1000);
  const lines = result.filter((series) => series.values !== undefined && series.values.length > 0);
  const drawn = lines.slice(0, most);
  let infinite = 0;
  const columns = drawn.map((series) => {
    const column: Column = new Array<number | null>(points).fill(null);
    for (const [time, text] of series.values ?? []) {
      const at = Math.round((time * 1000 - grid.start) / grid.step);
      if (at < 0 || at >= points) continue;
      const value = parseValue(text);
      if (Number.isFinite(value)) column[at] = value;
      else if (!Number.isNaN(value)) infinite++;
    }
    return column;
  });
  return {
    times,
    labels: drawn.map((series) => series.metric),
    columns,
    infinite,
    histograms: result.length - lines.length,
    left: lines.length - drawn.length,
  };
}

/** A sample value as the API writes it: `1.5e-07`, `NaN`, `+Inf`, `-Inf`. */
export function parseValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}

/**
 * Running sums over the shown columns, in their order: column i is the upper edge of area i. A gap adds nothing.
 * A hidden column stays as it is, since it is neither drawn nor added.
 */
export function stack(columns: readonly Column[], hidden: ReadonlySet<number>): Column[] {
  const sums = new Array<number>(columns[0]?.length ?? 0).fill(0);
  return columns.map((column, i) => (hidden.has(i) ? column : column.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0)))));
}

/** Indexes of the points that stand alone between two gaps: a line would not show them. */
export function lonelyPoints(column: Column): number[] {
  const lonely: number[] = [];
  column.forEach((value, i) => {
    if (value !== null && (column[i - 1] ?? null) === null && (column[i + 1] ?? null) === null) lonely.push(i);
  });
  return lonely;
}

/**
 * The series a reader points at: the line nearest to `value` at index `at`, or for stacked areas the one that
 * holds it (above all of them, the highest). Null where nothing shown has a value there.
 */
export function seriesAt(drawn: readonly Column[], hidden: ReadonlySet<number>, at: number, value: number, stacked: boolean): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  drawn.forEach((column, i) => {
    const here = column[at] ?? null;
    if (here === null || hidden.has(i) || (stacked && here < value)) return;
    const away = Math.abs(here - value);
    if (away < distance) {
      best = i;
      distance = away;
    }
  });
  return best ?? (stacked ? seriesAt(drawn, hidden, at, value, false) : null);
}

/** The last value of a column, or null where it is all gaps. */
export function lastValue(column: Column): number | null {
  return column.findLast((value) => value !== null) ?? null;
}

/** The colour of the n-th series: equal lightness for all hues, so that no line shouts; further rounds differ in it. */
export function colour(n: number, dark: boolean): string {
  const HUES = [255, 52, 150, 5, 300, 200, 95, 330, 128, 278, 28, 175] as const;
  const hue = HUES[n % HUES.length];
  const round = Math.floor(n / HUES.length) % 3;
  const lightness = dark ? [0.75, 0.62, 0.87][round] : [0.58, 0.72, 0.42][round];
  const chroma = dark ? [0.14, 0.13, 0.08][round] : [0.17, 0.14, 0.13][round];
  return `oklch(${lightness} ${chroma} ${hue})`;
}
