/** One expression: its editor, the controls of the open tab, and the answer. */

import { ActionIcon, Button, Menu, SegmentedControl, Switch, Tabs } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { ClockIcon, CloseIcon, FormatIcon } from '../app/icons';
import { ApiError } from '../server/answer';
import { ask } from '../server/client';
import { useReadiness } from '../server/readiness';
import type { InstantResult, RangeResult } from '../server/types';
import { useAnswer } from '../server/useAnswer';
import { useSettings, useZone } from '../settings/settings';
import { humanDuration } from '../text/duration';
import { plural } from '../text/number';
import { Editor, type EditorHandle } from './Editor';
import { RangeField, ResolutionField, TimeField } from './fields';
import { GraphView } from './GraphView';
import { forgetQueries, pastQueries, rememberQuery } from './history';
import { Notices } from './Notices';
import { zoomed, type Panel, type PanelChange } from './panels';
import classes from './QueryPanel.module.css';
import { gridOf, seconds, stepFor, type Grid } from './step';
import { TableView } from './TableView';
import { rowCount } from './tableData';

/**
 * More series than this the server is asked to leave out, saying so in a warning: a browser that has to take in
 * millions of them does not come back. Far above what either view draws unasked.
 */
const MOST_SERIES = { table: '20000', graph: '5000' } as const;

type Asked = { readonly tab: 'table' } | { readonly tab: 'graph'; readonly grid: Grid; readonly range: number };

interface Props {
  readonly panel: Panel;
  readonly number: number;
  /** Grows when panels that follow the clock are to be asked again. */
  readonly tick: number;
  readonly autoFocus: boolean;
  readonly onChange: (change: PanelChange) => void;
  readonly onRemove: (() => void) | null;
}

export function QueryPanel({ panel, number, tick, autoFocus, onChange, onRemove }: Props) {
  const { put, cancel, loading, answer, context, error, took } = useAnswer<InstantResult | RangeResult, Asked>();
  const { enableQueryHistory } = useSettings();
  const { epoch } = useReadiness();
  const zone = useZone();
  const editor = useRef<EditorHandle>(null);
  // Grows when the same expression is executed again.
  const [run, setRun] = useState(0);
  const [complaint, setComplaint] = useState<ApiError | null>(null);
  const { expr, tab, endTime, range, resolution } = panel;

  const askNow = useEffectEvent(() => {
    setComplaint(null);
    if (expr.trim() === '') return cancel();
    if (tab === 'table') {
      const time = endTime === null ? {} : { time: seconds(endTime) };
      put({ path: '/query', params: { query: expr, limit: MOST_SERIES.table, ...time }, context: { tab } });
    } else {
      const grid = gridOf(panel, Date.now());
      const { start, end, step } = grid;
      const params = { query: expr, start: seconds(start), end: seconds(end), step: seconds(step), limit: MOST_SERIES.graph };
      put({ path: '/query_range', params, context: { tab, grid, range } });
    }
  });

  useEffect(() => askNow(), [expr, tab, endTime, range, resolution, run, epoch]);

  const askAgain = useEffectEvent(() => {
    if (endTime === null && !loading) askNow();
  });

  useEffect(() => {
    if (tick > 0) askAgain();
  }, [tick]);

  const execute = (text: string) => {
    if (enableQueryHistory) rememberQuery(text);
    if (text === expr) setRun((n) => n + 1);
    else onChange({ expr: text });
  };

  const format = () => {
    ask<string>('/format_query', { query: editor.current?.text() ?? '' }).then(
      ({ data }) => {
        setComplaint(null);
        editor.current?.replace(data);
      },
      (reason: unknown) => setComplaint(reason instanceof ApiError ? reason : new ApiError('page', String(reason))),
    );
  };

  // Until the first answer of a newly opened tab arrives, the one of the other tab must not be shown in its place.
  const current = answer !== null && context !== null && context.tab === tab && expr.trim() !== '' ? { data: answer.data, context } : null;
  const step = stepFor(resolution, range);
  // The banner above all panels tells why; the answer comes by itself once the server is there.
  const waiting = error !== null && (error.type === 'starting' || error.type === 'stopping' || error.type === 'unreachable');

  return (
    <section className={`nx-card ${classes.panel}`} aria-label={`Query ${number}`} data-testid="query-panel">
      <div className={classes.ask}>
        <div className={classes.input}>
          <Editor ref={editor} expr={expr} execute={execute} label={`Expression ${number}`} autoFocus={autoFocus} />
          <div className={classes.inputTools}>
            <HistoryMenu onPick={(text) => { editor.current?.replace(text); execute(text); }} />
            <ActionIcon variant="subtle" color="gray" size="md" aria-label="Format the expression" title="Format the expression" onClick={format} data-testid="format">
              <FormatIcon />
            </ActionIcon>
            {onRemove !== null && (
              <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Remove query ${number}`} title="Remove this query" onClick={onRemove} data-testid="remove-panel">
                <CloseIcon />
              </ActionIcon>
            )}
          </div>
        </div>
        <Button className={classes.execute ?? ''} onClick={() => execute(editor.current?.text() ?? '')} data-testid="execute">
          Execute
        </Button>
      </div>

      <div className={classes.bar}>
        <Tabs variant="pills" value={tab} onChange={(value) => onChange({ tab: value === 'graph' ? 'graph' : 'table' })} classNames={{ tab: classes.tab ?? '', list: classes.tabList ?? '' }}>
          <Tabs.List aria-label={`Views of query ${number}`}>
            <Tabs.Tab value="table" data-testid="tab-table">Table</Tabs.Tab>
            <Tabs.Tab value="graph" data-testid="tab-graph">Graph</Tabs.Tab>
          </Tabs.List>
        </Tabs>
        <div className={classes.controls}>
          {tab === 'table' ? (
            <TimeField label="Time" time={endTime} zone={zone} stride={range / 2} onChange={(time) => onChange({ endTime: time })} />
          ) : (
            <>
              <RangeField range={range} onChange={(chosen) => onChange({ range: chosen })} />
              <TimeField label="End" time={endTime} zone={zone} stride={range / 2} onChange={(time) => onChange({ endTime: time })} />
              <ResolutionField resolution={resolution} step={step} onChange={(chosen) => onChange({ resolution: chosen })} />
              <SegmentedControl
                size="xs"
                aria-label="Drawing"
                value={panel.displayMode === 'stacked' ? 'stacked' : 'lines'}
                onChange={(mode) => onChange({ displayMode: mode === 'stacked' ? 'stacked' : 'lines' })}
                data={[{ value: 'lines', label: 'Lines' }, { value: 'stacked', label: 'Stacked' }]}
                data-testid="display-mode"
              />
              <Switch
                size="xs"
                label="From zero"
                checked={panel.yAxisMin !== null}
                onChange={(event) => onChange({ yAxisMin: event.currentTarget.checked ? 0 : null })}
                data-testid="y-from-zero"
              />
            </>
          )}
        </div>
        <div className={classes.stats} data-testid="stats">
          {current === null && (waiting ? 'Waiting for the server…' : loading && 'Asking…')}
          {current !== null &&
            [
              `${humanDuration(Math.round(took))} to load`,
              ...(current.context.tab === 'graph' ? [`step ${humanDuration(current.context.grid.step)}`] : []),
              sizeText(current.data),
            ].join(' · ')}
        </div>
      </div>
      <div className={classes.progress} data-loading={loading || undefined} />

      <div className={classes.body} data-loading={loading || undefined} aria-busy={loading}>
        <Notices error={complaint ?? (waiting ? null : error)} answer={current === null ? null : answer} />
        {current !== null && current.context.tab === 'table' && <TableView result={current.data} />}
        {current !== null && current.context.tab === 'graph' && current.data.resultType === 'matrix' && (
          <GraphView
            panel={panel}
            result={current.data}
            grid={current.context.grid}
            range={current.context.range}
            onZoom={(start, end) => onChange(zoomed(start, end))}
          />
        )}
      </div>
    </section>
  );
}

function sizeText(result: InstantResult | RangeResult): string {
  const { resultType } = result;
  return resultType === 'scalar' || resultType === 'string' ? `a ${resultType}` : plural(rowCount(result), 'series', 'series');
}

function HistoryMenu({ onPick }: { readonly onPick: (expr: string) => void }) {
  const [past, setPast] = useState<readonly string[]>([]);
  return (
    <Menu position="bottom-end" width="min(680px, 92vw)" shadow="md" onOpen={() => setPast(pastQueries())}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="md" aria-label="Past queries" title="Past queries" data-testid="history">
          <ClockIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        <Menu.Label>{past.length === 0 ? 'No query has been executed in this browser yet' : 'Past queries, newest first'}</Menu.Label>
        {past.map((expr) => (
          <Menu.Item key={expr} onClick={() => onPick(expr)} className="nx-mono" style={{ overflowWrap: 'anywhere' }}>
            {expr}
          </Menu.Item>
        ))}
        {past.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" onClick={forgetQueries}>
              Forget all of them
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
