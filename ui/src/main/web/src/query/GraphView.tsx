import { Button, useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RangeResult } from '../server/types';
import { useZone } from '../settings/settings';
import { count, plural } from '../text/number';
import { formatSeries } from '../text/series';
import { formatTime } from '../text/time';
import { Chart, type ChartHandle } from './Chart';
import { chartData, colour } from './chartData';
import { Legend, type LegendHandle } from './Legend';
import { Remark } from './Notices';
import type { Panel } from './panels';
import type { Grid } from './step';

/** Lines drawn unasked: with more the canvas no longer follows the pointer. */
const MOST_LINES = 500;

interface Props {
  readonly panel: Panel;
  readonly result: RangeResult;
  /** What was asked for, which may be older than the panel's present settings. */
  readonly grid: Grid;
  readonly range: number;
  readonly onZoom: (start: number, end: number) => void;
}

export function GraphView({ panel, result, grid, range, onZoom }: Props) {
  const zone = useZone();
  const dark = useComputedColorScheme('light') === 'dark';
  const [all, setAll] = useState(false);
  const [hiddenNames, setHiddenNames] = useState<ReadonlySet<string>>(new Set());
  const chart = useRef<ChartHandle>(null);
  const legend = useRef<LegendHandle>(null);

  const data = useMemo(() => chartData(result.result, grid, all ? Number.POSITIVE_INFINITY : MOST_LINES), [result, grid, all]);
  const names = useMemo(() => data.labels.map(formatSeries), [data]);

  // A series keeps its colour, and stays hidden, when a refresh brings new ones before it.
  const given = useRef({ expr: panel.expr, numbers: new Map<string, number>() });
  if (given.current.expr !== panel.expr) given.current = { expr: panel.expr, numbers: new Map() };
  const colours = useMemo(() => {
    const { numbers } = given.current;
    return names.map((name) => {
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return colour(number, dark);
    });
  }, [names, dark]);
  const hidden = useMemo(() => new Set(names.flatMap((name, i) => (hiddenNames.has(name) ? [i] : []))), [names, hiddenNames]);
  useEffect(() => setHiddenNames(new Set()), [panel.expr]);

  if (result.result.length === 0) return <Remark>Empty result: no series match in this range.</Remark>;
  if (data.columns.length === 0) {
    return <Remark>Native histograms cannot be drawn as lines: take histogram_quantile(), histogram_avg() or another function of them.</Remark>;
  }

  return (
    <>
      {data.left > 0 && (
        <Remark>
          These are the first {count(data.columns.length)} of {count(data.columns.length + data.left)} series.{' '}
          <Button size="compact-xs" variant="default" onClick={() => setAll(true)} data-testid="draw-all-lines">
            Draw all
          </Button>
        </Remark>
      )}
      {data.histograms > 0 && <Remark>{plural(data.histograms, 'series holds', 'series hold')} native histograms, which lines cannot show.</Remark>}
      {data.infinite > 0 && <Remark>{plural(data.infinite, 'value is', 'values are')} infinite and not drawn.</Remark>}
      {panel.displayMode === 'heatmap' && <Remark>Heatmaps are not drawn yet: these are lines.</Remark>}
      <Chart
        ref={chart}
        data={data}
        grid={grid}
        range={range}
        colours={colours}
        hidden={hidden}
        stacked={panel.displayMode === 'stacked'}
        yAxisMin={panel.yAxisMin}
        zone={zone}
        dark={dark}
        label={`Graph of ${panel.expr}: ${plural(data.columns.length, 'series', 'series')} from ${formatTime(grid.end - range, zone)} to ${formatTime(grid.end, zone)}`}
        onZoom={onZoom}
        onPoint={(index) => legend.current?.point(index)}
      />
      <Legend
        ref={legend}
        data={data}
        colours={colours}
        hidden={hidden}
        onHidden={(next) => setHiddenNames(new Set([...next].map((i) => names[i] ?? '')))}
        onFocus={(series) => chart.current?.focus(series)}
      />
    </>
  );
}
