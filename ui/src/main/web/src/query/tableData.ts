/** From any answer of an instant query to the rows of a table. */

import type { HistogramPoint, InstantResult, NativeHistogram, Point } from '../server/types';
import type { LabelSet } from '../text/series';
import { formatTime, type Zone } from '../text/time';

export interface Row {
  /** Null for a scalar and a string, which have no labels. */
  readonly labels: LabelSet | null;
  /** The value as the server wrote it; several lines for a range of samples. */
  readonly value: string;
}

/** How many samples of one series a cell shows; the rest is counted. */
export const MOST_SAMPLES = 100;

export function rows(result: InstantResult, most: number, zone: Zone): Row[] {
  switch (result.resultType) {
    case 'vector':
      return result.result.slice(0, most).map((series) => ({
        labels: series.metric,
        value: series.histogram !== undefined ? histogramText(series.histogram[1]) : (series.value?.[1] ?? ''),
      }));
    case 'matrix':
      return result.result.slice(0, most).map((series) => ({
        labels: series.metric,
        value: samplesText(series.values ?? [], series.histograms ?? [], zone),
      }));
    case 'scalar':
      return [{ labels: null, value: result.result[1] }];
    case 'string':
      return [{ labels: null, value: result.result[1] }];
  }
}

/** Rows the whole answer has. */
export function rowCount(result: InstantResult): number {
  return result.resultType === 'vector' || result.resultType === 'matrix' ? result.result.length : 1;
}

function samplesText(values: readonly Point[], histograms: readonly HistogramPoint[], zone: Zone): string {
  const all = [
    ...values.map(([time, value]) => [time, value] as const),
    ...histograms.map(([time, histogram]) => [time, histogramText(histogram)] as const),
  ].sort(([a], [b]) => a - b);
  const shown = all.slice(-MOST_SAMPLES).map(([time, value]) => `${value} @ ${formatTime(Math.round(time * 1000), zone)}`);
  const before = all.length - shown.length;
  return (before > 0 ? [`(${before} earlier samples)`, ...shown] : shown).join('\n');
}

/** `{count:4, sum:10, [0.5,1):3, ...}`: how PromQL's own texts show a native histogram. */
export function histogramText({ count, sum, buckets }: NativeHistogram): string {
  const drawn = (buckets ?? []).map(([bounds, low, high, inside]) => {
    const open = bounds === 1 || bounds === 3 ? '[' : '(';
    const close = bounds === 0 || bounds === 3 ? ']' : ')';
    return `${open}${low},${high}${close}:${inside}`;
  });
  return `{${[`count:${count}`, `sum:${sum}`, ...drawn].join(', ')}}`;
}
