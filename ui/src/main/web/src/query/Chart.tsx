/**
 * The canvas: uPlot in a React component. The chart is made anew when its shape changes (series, colours, zone,
 * stacking) and only gets new data otherwise, so that a refresh neither flickers nor loses the pointer.
 */

import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import { axisLabels, shortNumber } from '../text/number';
import { formatSeries } from '../text/series';
import { formatTime, zoneName, type Zone } from '../text/time';
import classes from './Chart.module.css';
import { lonelyPoints, seriesAt, stack, type ChartData, type Column } from './chartData';
import type { Grid } from './step';

export interface ChartHandle {
  /** Lets one series stand out, or none. */
  focus(series: number | null): void;
}

interface Props {
  readonly data: ChartData;
  readonly grid: Grid;
  /** Milliseconds: the width of the time axis. */
  readonly range: number;
  readonly colours: readonly string[];
  readonly hidden: ReadonlySet<number>;
  readonly stacked: boolean;
  readonly yAxisMin: number | null;
  readonly zone: Zone;
  readonly dark: boolean;
  readonly label: string;
  /** The reader has drawn a frame from `start` to `end`, in milliseconds. */
  readonly onZoom: (start: number, end: number) => void;
  /** The pointer is over the points with this index, or has left. */
  readonly onPoint: (index: number | null) => void;
  readonly ref: Ref<ChartHandle>;
}

const HEIGHT = 330;
/** With more lines than this, dimming all but one at every move of the pointer would stutter. */
const MOST_DIMMED = 150;
const FONT = '12px system-ui, sans-serif';

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seconds = (time: number, zone: Zone) => (zone === 'utc' ? uPlot.tzDate(new Date(time * 1000), 'Etc/UTC') : new Date(time * 1000));

// Level of detail of the time axis; the second line of a label says the day where it changes.
const TIME_LABELS: uPlot.Axis.Values = [
  // increment, usual, year, month, day, hour, minute, second; mode 1: replace
  [86_400 * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400 * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{DD} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{DD} {MMM} {YYYY}', null, '\n{DD} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{DD} {MMM} {YYYY}', null, '\n{DD} {MMM}', null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}.{fff}', '\n{DD} {MMM} {YYYY}', null, '\n{DD} {MMM}', null, null, null, 1],
];

/** Everything the chart draws, without what the pointer does. */
function drawn({ data, hidden, stacked }: Pick<Props, 'data' | 'hidden' | 'stacked'>): readonly Column[] {
  return stacked ? stack(data.columns, hidden) : data.columns;
}

/** What makes a new chart necessary; the rest goes in through setData and setScale. */
function shape(props: Props): string {
  const { data, hidden, stacked, zone, dark, colours } = props;
  return JSON.stringify([data.labels, [...hidden], stacked, zone, dark, colours]);
}

export function Chart(props: Props) {
  const { data, grid, range, yAxisMin, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const present = useRef(props);
  const key = shape(props);

  useEffect(() => {
    present.current = props;
  });

  useEffect(() => {
    const { current: parent } = host;
    if (parent === null) return;
    const made = new uPlot(options(parent.clientWidth, present), uplotData(present.current), parent);
    made.ctx.canvas.dataset['testid'] = 'graph-canvas';
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (parent.clientWidth > 0 && parent.clientWidth !== made.width) made.setSize({ width: parent.clientWidth, height: HEIGHT });
    });
    observer.observe(parent);
    return () => {
      observer.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [key]);

  useEffect(() => {
    // The first run only repeats what the new chart was made with; setData notices no difference that costs.
    plot.current?.setData(uplotData(present.current));
  }, [data, grid, range, yAxisMin]);

  useImperativeHandle(ref, () => ({
    focus(series) {
      const { current } = plot;
      if (current === null || present.current.data.columns.length > MOST_DIMMED) return;
      current.setSeries(series === null ? null : series + 1, { focus: series !== null });
    },
  }));

  // The pointer's way with the arrow keys: one point further, from the left edge on.
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { current } = plot;
    const direction = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (current === null || direction === 0) return;
    event.preventDefault();
    const next = Math.min(data.times.length - 1, Math.max(0, (current.cursor.idx ?? -1) + direction));
    const top = current.cursor.top ?? -1;
    current.setCursor({ left: current.valToPos(data.times[next] ?? 0, 'x'), top: top < 0 ? current.over.clientHeight / 2 : top });
  };

  return (
    // An image that answers to the arrow keys.
    <div
      ref={host}
      className={classes.chart}
      style={{ height: HEIGHT }}
      role="img"
      aria-label={props.label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
      data-testid="graph"
    />
  );
}

const lonely = (u: uPlot, series: number): number[] => lonelyPoints((u.data[series] ?? []) as Column);

const uplotData = (props: Props): uPlot.AlignedData => [props.data.times, ...drawn(props)] as uPlot.AlignedData;

function options(width: number, present: { readonly current: Props }): uPlot.Options {
  const { data, hidden, stacked, colours, zone, dark } = present.current;
  const text = css('--nx-muted');
  const rules = css('--nx-grid');
  const axis = { stroke: text, font: FONT, grid: { stroke: rules, width: 1 }, ticks: { show: false } } as const;
  const shown = data.columns.map((_, i) => i).filter((i) => !hidden.has(i));
  const dim = data.columns.length <= MOST_DIMMED;

  return {
    width,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    tzDate: (time) => seconds(time, zone),
    ms: 1e-3,
    legend: { show: false },
    focus: { alpha: 0.25 },
    cursor: {
      focus: { prox: -1 },
      drag: { x: true, y: false, setScale: false },
      points: { show: dim, size: 7 },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: {
        time: true,
        range: () => {
          const { grid, range } = present.current;
          return [(grid.end - range) / 1000, grid.end / 1000];
        },
      },
      y: { range: (_, low, high) => valueRange(low, high, present.current.yAxisMin ?? (stacked ? Math.min(0, low) : null)) },
    },
    axes: [
      { ...axis, values: TIME_LABELS, space: 84, size: 38, gap: 6 },
      {
        ...axis,
        values: (_, ticks, __, ___, increment) => axisLabels(ticks, increment),
        space: 36,
        gap: 6,
        size: (u, labels) => {
          if (labels === null) return 50;
          u.ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
          const widest = Math.max(...labels.map((label) => u.ctx.measureText(label).width), 0);
          return Math.ceil(widest / devicePixelRatio) + 18;
        },
      },
    ],
    series: [
      {},
      ...data.columns.map((_, i): uPlot.Series => {
        const stroke = colours[i] ?? text;
        return {
          label: formatSeries(data.labels[i] ?? {}),
          show: !hidden.has(i),
          stroke,
          width: data.columns.length > MOST_DIMMED ? 1 : 1.6,
          ...(stacked && { fill: stroke.replace(')', dark ? ' / 0.35)' : ' / 0.30)') }),
          points: { show: (u, n) => lonely(u, n).length > 0, filter: lonely, size: 5, stroke, fill: stroke },
          spanGaps: stacked,
        };
      }),
    ],
    // Each area reaches down to the one below it; the lowest to zero.
    bands: stacked ? shown.slice(1).map((i, n) => ({ series: [i + 1, (shown[n] ?? 0) + 1] as [number, number] })) : [],
    hooks: {
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const at = (left: number) => Math.round(u.posToVal(left, 'x') * 1000);
          present.current.onZoom(at(u.select.left), at(u.select.left + u.select.width));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
    plugins: [pointer(present)],
  };
}

/** Some air above and below the data; a flat line gets a range of its own. */
function valueRange(low: number | null, high: number | null, from: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [from ?? 0, (from ?? 0) + 1];
  const bottom = from ?? low;
  const top = Math.max(high, bottom);
  if (top === bottom) return from === null ? [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1] : [bottom, bottom + 1];
  const air = (top - bottom) * 0.06;
  // Data that stays on one side of zero does not get an axis that crosses it.
  const below = from !== null ? bottom : bottom >= 0 && bottom - air < 0 ? 0 : bottom - air;
  return [below, top + air];
}

/** The box beside the pointer: the time, and the series it points at with its value there. */
function pointer(present: { readonly current: Props }): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = classes.box ?? '';
  box.dataset['testid'] = 'graph-hover';
  let focused: number | null = null;

  const focus = (u: uPlot, series: number | null) => {
    if (focused === series) return;
    focused = series;
    if (present.current.data.columns.length <= MOST_DIMMED) u.setSeries(series === null ? null : series + 1, { focus: series !== null });
  };

  const hide = (u: uPlot) => {
    box.style.display = 'none';
    focus(u, null);
    present.current.onPoint(null);
  };

  return {
    hooks: {
      init: (u) => {
        u.over.append(box);
        hide(u);
      },
      setCursor: (u) => {
        const { idx, left = -1, top = -1 } = u.cursor;
        const { data, hidden, stacked, colours, zone } = present.current;
        const time = idx === null || idx === undefined ? undefined : data.times[idx];
        if (idx === null || idx === undefined || time === undefined || left < 0 || top < 0) return hide(u);
        present.current.onPoint(idx);
        const at = seriesAt(u.data.slice(1) as Column[], hidden, idx, u.posToVal(top, 'y'), stacked);
        focus(u, at);
        fill(box, time * 1000, zone, at === null ? null : { labels: data.labels[at] ?? {}, value: data.columns[at]?.[idx] ?? null, colour: colours[at] ?? '' });
        box.style.display = 'block';
        const { clientWidth: width, clientHeight: height } = u.over;
        const x = left + 16 + box.offsetWidth > width ? left - 16 - box.offsetWidth : left + 16;
        const y = top + 16 + box.offsetHeight > height ? top - 16 - box.offsetHeight : top + 16;
        box.style.transform = `translate(${Math.max(0, x)}px, ${Math.max(0, y)}px)`;
      },
    },
  };
}

function fill(box: HTMLElement, time: number, zone: Zone, series: { labels: Readonly<Record<string, string>>; value: number | null; colour: string } | null) {
  const line = (className: string | undefined, ...children: (Node | string)[]) => {
    const element = document.createElement('div');
    element.className = className ?? '';
    element.append(...children);
    return element;
  };
  const parts: Node[] = [line(classes.boxTime, `${formatTime(time, zone)} ${zoneName(time, zone)}`)];
  if (series !== null) {
    const swatch = document.createElement('span');
    swatch.className = classes.swatch ?? '';
    swatch.style.background = series.colour;
    const { __name__: name, ...labels } = series.labels;
    parts.push(line(classes.boxValue, swatch, series.value === null ? '-' : precise(series.value)));
    if (name !== undefined) parts.push(line(classes.boxName, name));
    for (const [label, value] of Object.entries(labels)) parts.push(line(classes.boxLabel, `${label}: ${value}`));
  }
  box.replaceChildren(...parts);
}

/** The short form for the eye, and the digits behind it where the short form has dropped some. */
function precise(value: number): string {
  const short = shortNumber(value);
  const full = String(value);
  return short === full ? short : `${short}  (${full})`;
}
