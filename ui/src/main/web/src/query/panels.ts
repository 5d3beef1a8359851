/**
 * What the query page shows: a list of panels, each one expression with one way of looking at it. All of it
 * travels in the address (url.ts), so a panel holds only what has been executed, never a half-typed text.
 */

export type Tab = 'table' | 'graph';

/** `heatmap` is read and passed on, but drawn as lines until the heatmap is built. */
export type DisplayMode = 'lines' | 'stacked' | 'heatmap';

export type Density = 'low' | 'medium' | 'high';

/** The distance between two points of a graph: chosen by the range, picked from a list, or typed. Milliseconds. */
export type Resolution =
  | { readonly type: 'auto'; readonly density: Density }
  | { readonly type: 'fixed'; readonly step: number }
  | { readonly type: 'custom'; readonly step: number };

export interface Panel {
  /** Stable while the page lives; not part of the address. */
  readonly id: string;
  readonly expr: string;
  readonly tab: Tab;
  /** The end of the graph and the moment of the table, in milliseconds; null follows the clock. */
  readonly endTime: number | null;
  /** Milliseconds. */
  readonly range: number;
  readonly resolution: Resolution;
  readonly displayMode: DisplayMode;
  /** Where the value axis starts; null fits it to the data. */
  readonly yAxisMin: number | null;
  /** Passed on in the address; their rooms are not built yet. */
  readonly showExemplars: boolean;
  readonly showTree: boolean;
}

export type PanelChange = Partial<Omit<Panel, 'id'>>;

let panelsMade = 0;

export function newPanel(changes: PanelChange = {}): Panel {
  return {
    id: `p${panelsMade++}`,
    expr: '',
    tab: 'table',
    endTime: null,
    range: 3_600_000,
    resolution: { type: 'auto', density: 'medium' },
    displayMode: 'lines',
    yAxisMin: null,
    showExemplars: false,
    showTree: false,
    ...changes,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the range's − and + step through. Milliseconds. */
export const RANGES: readonly number[] = [
  1000, 10_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 56 * DAY, 91 * DAY, 182 * DAY, 365 * DAY, 730 * DAY,
];

/** The next larger range of the list, or the same where there is none. */
export const widen = (range: number): number => RANGES.find((r) => r > range) ?? range;

/** The next smaller range of the list, or the same where there is none. */
export const narrow = (range: number): number => RANGES.findLast((r) => r < range) ?? range;

/** What a frame drawn over a graph changes: to whole seconds, unless it is only a few of them wide. */
export function zoomed(start: number, end: number): PanelChange {
  const whole = end - start >= 10_000 ? 1000 : 1;
  const from = Math.floor(start / whole) * whole;
  const to = Math.ceil(end / whole) * whole;
  return { endTime: to, range: Math.max(10, to - from) };
}
