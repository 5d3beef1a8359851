/** The JSON of /api/v1 as the pages use it. Sample values are texts: JSON numbers know no NaN and no infinity. */

import type { LabelSet } from '../text/series';

/** Seconds since 1970 and the value's text. */
export type Point = readonly [number, string];

/** How the boundaries of a bucket belong to it: 0 `(a,b]`, 1 `[a,b)`, 2 `(a,b)`, 3 `[a,b]`. */
export type Bucket = readonly [0 | 1 | 2 | 3, string, string, string];

export interface NativeHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly Bucket[];
}

export type HistogramPoint = readonly [number, NativeHistogram];

export interface InstantSeries {
  readonly metric: LabelSet;
  readonly value?: Point;
  readonly histogram?: HistogramPoint;
}

export interface RangeSeries {
  readonly metric: LabelSet;
  readonly values?: readonly Point[];
  readonly histograms?: readonly HistogramPoint[];
}

export type InstantResult =
  | { readonly resultType: 'vector'; readonly result: readonly InstantSeries[] }
  | { readonly resultType: 'matrix'; readonly result: readonly RangeSeries[] }
  | { readonly resultType: 'scalar'; readonly result: Point }
  | { readonly resultType: 'string'; readonly result: Point };

export interface RangeResult {
  readonly resultType: 'matrix';
  readonly result: readonly RangeSeries[];
}

export type Health = 'up' | 'down' | 'unknown';

export interface Target {
  readonly discoveredLabels: LabelSet;
  readonly labels: LabelSet;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: Health;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface TargetsResult {
  readonly activeTargets: readonly Target[];
  readonly droppedTargetCounts?: Readonly<Record<string, number>>;
}
