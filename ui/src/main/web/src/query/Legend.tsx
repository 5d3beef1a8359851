/**
 * The series of a graph with their colours, and their values under the pointer (without one: the last ones).
 * A click hides or shows a series; with Ctrl, Cmd or Shift it shows that one alone, and again all of them.
 */

import { Button } from '@mantine/core';
import { useImperativeHandle, useMemo, useRef, useState, type MouseEvent, type Ref } from 'react';
import { SeriesName } from '../app/SeriesName';
import { count, shortNumber } from '../text/number';
import { commonLabels, formatSeries, without, type LabelSet } from '../text/series';
import { lastValue, type ChartData } from './chartData';
import classes from './Legend.module.css';
import { Remark } from './Notices';

export interface LegendHandle {
  /** Shows the values at this index, or the last ones. Writes past React: it happens at every move of the pointer. */
  point(index: number | null): void;
}

interface Props {
  readonly data: ChartData;
  readonly colours: readonly string[];
  readonly hidden: ReadonlySet<number>;
  readonly onHidden: (hidden: ReadonlySet<number>) => void;
  readonly onFocus: (series: number | null) => void;
  readonly ref: Ref<LegendHandle>;
}

const MOST_ENTRIES = 100;

/** The set after a click on series `i` of `total`. */
export function toggled(hidden: ReadonlySet<number>, i: number, total: number, alone: boolean): ReadonlySet<number> {
  const others = Array.from({ length: total }, (_, n) => n).filter((n) => n !== i);
  if (alone) return !hidden.has(i) && others.every((n) => hidden.has(n)) ? new Set() : new Set(others);
  const next = new Set(hidden);
  if (!next.delete(i)) next.add(i);
  return next;
}

const valueText = (value: number | null) => (value === null ? '-' : shortNumber(value));

export function Legend({ data, colours, hidden, onHidden, onFocus, ref }: Props) {
  const [all, setAll] = useState(false);
  const values = useRef(new Map<number, HTMLElement>());
  const common = useMemo(() => commonLabels(data.labels), [data.labels]);
  const shown = data.labels.slice(0, all ? undefined : MOST_ENTRIES);

  useImperativeHandle(ref, () => ({
    point(index) {
      for (const [i, element] of values.current) {
        const column = data.columns[i] ?? [];
        element.textContent = valueText(index === null ? lastValue(column) : (column[index] ?? null));
      }
    },
  }));

  const click = (event: MouseEvent, i: number) =>
    onHidden(toggled(hidden, i, data.labels.length, event.ctrlKey || event.metaKey || event.shiftKey));

  return (
    <div className={classes.whole}>
      {data.labels.length > 1 && (
        <div className={classes.head}>
          <span>{Object.keys(common).length > 0 && <>All of: <SeriesName labels={common} /></>}</span>
          <span>Click hides or shows, Ctrl-click shows one alone</span>
        </div>
      )}
      <ul className={classes.legend} data-testid="legend">
        {shown.map((labels, i) => (
          <li key={formatSeries(labels)}>
            <button
              type="button"
              className={classes.entry}
              aria-pressed={!hidden.has(i)}
              onClick={(event) => click(event, i)}
              onMouseEnter={() => onFocus(i)}
              onMouseLeave={() => onFocus(null)}
              data-testid="legend-entry"
            >
              <span className={classes.swatch} style={{ background: colours[i], borderColor: colours[i] }} />
              <span
                className={classes.value}
                ref={(element) => {
                  if (element !== null) values.current.set(i, element);
                  return () => {
                    values.current.delete(i);
                  };
                }}
              >
                {valueText(lastValue(data.columns[i] ?? []))}
              </span>
              <span className={classes.name}>
                <EntryName labels={without(labels, common)} whole={labels} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {data.labels.length > shown.length && (
        <Remark>
          The legend names {count(shown.length)} of {count(data.labels.length)} series.{' '}
          <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
            Name all
          </Button>
        </Remark>
      )}
    </div>
  );
}

/** What tells this series from the others; where nothing does, its whole name. */
function EntryName({ labels, whole }: { readonly labels: LabelSet; readonly whole: LabelSet }) {
  return <SeriesName labels={Object.keys(labels).length === 0 ? whole : labels} />;
}
