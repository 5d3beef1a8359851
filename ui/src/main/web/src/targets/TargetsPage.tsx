/** Where the data comes from: every scrape pool with its targets, and how the last scrape of each went. */

import { Anchor, Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { memo, useDeferredValue, useEffect, useEffectEvent, useMemo, useState } from 'react';
import { DownIcon, SearchIcon } from '../app/icons';
import { Labels } from '../app/Labels';
import { Notice } from '../app/Notice';
import { setSearch, useSearch } from '../app/router';
import { useReadiness } from '../server/readiness';
import type { Target, TargetsResult } from '../server/types';
import { useAnswer } from '../server/useAnswer';
import { useZone } from '../settings/settings';
import { humanDuration } from '../text/duration';
import { count, plural } from '../text/number';
import { ago, formatTime, zoneName } from '../text/time';
import { countHealth, decodeFilter, encodeFilter, pools, type Counts, type Filter, type Pool } from './filter';
import classes from './TargetsPage.module.css';

const REFRESH_MILLIS = 5000;
/** Targets of one pool drawn unasked. */
const MOST_TARGETS = 100;

export function TargetsPage() {
  const { put, answer, error, context: asked } = useAnswer<TargetsResult, number>();
  const { epoch } = useReadiness();
  const search = useSearch();
  const filter = useMemo(() => decodeFilter(search), [search]);
  const wanted = useDeferredValue(filter);
  const change = (changes: Partial<Filter>) => setSearch(encodeFilter({ ...filter, ...changes }), 'replace');

  const look = useEffectEvent(() => put({ path: '/targets', params: { state: 'active' }, context: Date.now() }));
  useEffect(() => {
    look();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') look();
    }, REFRESH_MILLIS);
    return () => clearInterval(timer);
  }, [epoch]);

  const all = answer?.data.activeTargets;
  const shown = useMemo(() => pools(all ?? [], wanted), [all, wanted]);
  const names = useMemo(() => [...new Set((all ?? []).map((target) => target.scrapePool))].sort(), [all]);
  const counts = useMemo(() => countHealth(all ?? []), [all]);

  return (
    <>
      <div className={classes.toolbar}>
        <TextInput
          className={classes.search}
          size="xs"
          aria-label="Filter by address, label or error"
          placeholder="Filter by address, label or error"
          leftSection={<SearchIcon />}
          value={filter.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
          data-testid="targets-search"
        />
        <NativeSelect
          size="xs"
          aria-label="Pool"
          value={filter.pool ?? ''}
          onChange={(event) => change({ pool: event.currentTarget.value || null })}
          data={[{ value: '', label: 'All pools' }, ...names.map((name) => ({ value: name, label: name }))]}
          data-testid="targets-pool"
        />
        <SegmentedControl
          size="xs"
          aria-label="Health"
          value={filter.health ?? 'all'}
          onChange={(value) => change({ health: value === 'up' || value === 'down' || value === 'unknown' ? value : null })}
          data={[
            { value: 'all', label: `All ${count(all?.length ?? 0)}` },
            { value: 'up', label: `Up ${count(counts.up)}` },
            { value: 'down', label: `Down ${count(counts.down)}` },
            { value: 'unknown', label: `Unknown ${count(counts.unknown)}` },
          ]}
          data-testid="targets-health"
        />
      </div>
      {error !== null && (
        <Notice tone="bad" title="The targets could not be read" testid="targets-error">
          {error.type}: {error.message}
        </Notice>
      )}
      {shown.map((pool) => (
        <PoolCard key={pool.name} pool={pool} dropped={answer?.data.droppedTargetCounts?.[pool.name] ?? 0} now={asked ?? 0} />
      ))}
      {all !== undefined && shown.length === 0 && (
        <p className="nx-muted" data-testid="targets-none">
          {all.length === 0 ? 'No targets are being scraped: the configuration names none, or discovery has found none yet.' : 'No target passes the filter.'}
        </p>
      )}
    </>
  );
}

interface PoolProps {
  readonly pool: Pool;
  readonly dropped: number;
  readonly now: number;
}

function PoolCard({ pool, dropped, now }: PoolProps) {
  const [open, setOpen] = useState(true);
  const [all, setAll] = useState(false);
  const { name, counts, targets } = pool;
  const shown = all ? targets : targets.slice(0, MOST_TARGETS);
  const total = counts.up + counts.down + counts.unknown;
  return (
    <section className={`nx-card ${classes.pool}`} aria-label={`Pool ${name}`} data-testid="target-pool">
      <button type="button" className={classes.poolHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.chevron}>
          <DownIcon />
        </span>
        <h2 className={classes.poolName}>{name}</h2>
        <span className={counts.up === total ? 'nx-muted' : classes.down}>
          {count(counts.up)} of {count(total)} up
        </span>
        <Meter counts={counts} total={total} />
      </button>
      {open && (
        <>
          <div className={classes.wide}>
            <table className={classes.table}>
              <colgroup>
                <col className={classes.wideColumn} />
                <col className={classes.stateColumn} />
                <col />
                <col className={classes.timeColumn} />
                <col className={classes.shortColumn} />
                <col className={classes.shortColumn} />
              </colgroup>
              <thead>
                <tr>
                  <th>Endpoint</th>
                  <th>State</th>
                  <th>Labels</th>
                  <th>Last scrape</th>
                  <th>Took</th>
                  <th>Every</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((target) => (
                  <TargetRow key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`} target={target} now={now} />
                ))}
              </tbody>
            </table>
          </div>
          {(targets.length > shown.length || dropped > 0) && (
            <div className={`${classes.dropped} nx-muted`}>
              {targets.length > shown.length && (
                <>
                  The first {count(shown.length)} of {count(targets.length)} targets.{' '}
                  <Button size="compact-xs" variant="default" onClick={() => setAll(true)}>
                    Show all
                  </Button>{' '}
                </>
              )}
              {dropped > 0 && `${plural(dropped, 'target was', 'targets were')} discovered and dropped by relabelling.`}
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Meter({ counts, total }: { readonly counts: Counts; readonly total: number }) {
  const share = (n: number) => `${(n / total) * 100}%`;
  return (
    <span className={classes.meter} aria-hidden="true">
      <span style={{ width: share(counts.up), background: 'var(--nx-good)' }} />
      <span style={{ width: share(counts.down), background: 'var(--nx-bad)' }} />
      <span style={{ width: share(counts.unknown), background: 'var(--nx-unknown)' }} />
    </span>
  );
}

const TargetRow = memo(function TargetRow({ target, now }: { readonly target: Target; readonly now: number }) {
  const zone = useZone();
  const { labels, discoveredLabels, health, lastError, lastScrape, lastScrapeDuration } = target;
  const at = Date.parse(lastScrape);
  const exact = at > 0 ? `${formatTime(at, zone)} ${zoneName(at, zone)}` : '';
  return (
    <tr data-testid="target-row">
      <td className={classes.endpoint}>
        <Anchor href={target.globalUrl} target="_blank" rel="noreferrer" size="sm">
          {target.scrapeUrl}
        </Anchor>
        {lastError !== '' && (
          <div className={classes.error} data-testid="target-error">
            {lastError}
          </div>
        )}
      </td>
      <td>
        <span className={`${classes.state} ${classes[health]}`} data-testid="target-health">
          {health}
        </span>
      </td>
      <td>
        <Labels labels={labels} />
        <details className={classes.discovered}>
          <summary>before relabelling</summary>
          <Labels labels={discoveredLabels} />
        </details>
      </td>
      <td className={classes.number} title={exact}>
        {ago(lastScrape, now, humanDuration)}
      </td>
      <td className={classes.number}>{at > 0 ? humanDuration(lastScrapeDuration * 1000) : '-'}</td>
      <td className={classes.number} title={`Given up after ${target.scrapeTimeout}`}>
        {target.scrapeInterval}
      </td>
    </tr>
  );
});
