import { Button } from '@mantine/core';
import { memo, useMemo, useState, useTransition } from 'react';
import { copyFrom } from '../app/copy';
import { CopyIcon } from '../app/icons';
import { SeriesName } from '../app/SeriesName';
import type { InstantResult } from '../server/types';
import { useZone } from '../settings/settings';
import { count } from '../text/number';
import { formatSeries } from '../text/series';
import { Remark } from './Notices';
import { rowCount, rows, type Row } from './tableData';
import classes from './TableView.module.css';

/** A value longer than this, a native histogram, is broken into lines. */
const LONGEST_LINE = 60;

/** Rows drawn unasked: more would keep the page busy for longer than a reader likes to wait. */
const MOST_ROWS = 1000;

export function TableView({ result }: { readonly result: InstantResult }) {
  const zone = useZone();
  const [all, setAll] = useState(false);
  const [growing, startGrowing] = useTransition();
  const total = rowCount(result);
  const shown = useMemo(() => rows(result, all ? Number.POSITIVE_INFINITY : MOST_ROWS, zone), [result, all, zone]);
  if (total === 0) return <Remark>Empty result: no series match at this time.</Remark>;
  return (
    <>
      {total > shown.length && (
        <Remark>
          These are the first {count(shown.length)} of {count(total)} series.{' '}
          <Button size="compact-xs" variant="default" loading={growing} onClick={() => startGrowing(() => setAll(true))} data-testid="show-all-rows">
            Show all
          </Button>
        </Remark>
      )}
      <div className={classes.wide}>
        <table className={classes.table} data-testid="result-table">
          <tbody>
            {shown.map((row, i) => (
              <ResultRow key={i} row={row} kind={result.resultType} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const ResultRow = memo(function ResultRow({ row, kind }: { readonly row: Row; readonly kind: string }) {
  const { labels, value } = row;
  return (
    <tr data-testid="result-row">
      <td className={classes.seriesCell} data-testid="result-series">
        {labels === null ? (
          <span className={classes.muted}>{kind}</span>
        ) : (
          <>
            <SeriesName labels={labels} />
            <button type="button" className={classes.copy} aria-label="Copy the series" title="Copy the series" onClick={(event) => void copyFrom(event.currentTarget, formatSeries(labels))}>
              <CopyIcon />
            </button>
          </>
        )}
      </td>
      <td className={classes.valueCell}>
        <button type="button" className={`${classes.value} ${value.indexOf('\n') < 0 && value.length > LONGEST_LINE ? classes.long : ''}`} title="Copy the value" data-testid="result-value" onClick={(event) => void copyFrom(event.currentTarget, value)}>
          {value}
        </button>
      </td>
    </tr>
  );
});
