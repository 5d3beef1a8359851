/** What a newcomer may ask first: queries over this machine's own metrics, and over the server itself. */

import type { PanelChange } from './panels';

export interface Example {
  readonly title: string;
  readonly about: string;
  /** The metric that has to be there for the query to answer. */
  readonly needs: string;
  readonly panel: PanelChange & { readonly expr: string };
}

// Two minutes hold two samples even where targets are scraped once a minute, and answer soon after the first start.
const graph = (expr: string, more: PanelChange = {}) => ({ expr, tab: 'graph', range: 15 * 60_000, yAxisMin: 0, ...more }) as const;

export const MACHINE: readonly Example[] = [
  {
    title: 'CPU by mode',
    about: 'Cores at work, and what they work on',
    needs: 'node_cpu_seconds_total',
    panel: graph('sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[2m]))', { displayMode: 'stacked' }),
  },
  {
    title: 'Memory in use',
    about: 'Bytes that programs hold and cannot do without',
    needs: 'node_memory_MemAvailable_bytes',
    panel: graph('node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes'),
  },
  {
    title: 'Disk throughput',
    about: 'Bytes read and written per second, by device',
    needs: 'node_disk_written_bytes_total',
    panel: graph('rate(node_disk_read_bytes_total[2m]) + rate(node_disk_written_bytes_total[2m])'),
  },
  {
    title: 'Network traffic',
    about: 'Bytes received per second, by device',
    needs: 'node_network_receive_bytes_total',
    panel: graph('rate(node_network_receive_bytes_total[2m])'),
  },
];

export const MORE: readonly Example[] = [
  {
    title: 'File systems',
    about: 'How full each one is, from 0 to 1',
    needs: 'node_filesystem_avail_bytes',
    panel: { expr: 'sort_desc(1 - node_filesystem_avail_bytes / node_filesystem_size_bytes)', tab: 'table' },
  },
  {
    title: 'Load',
    about: 'Processes running or waiting, averaged over a minute',
    needs: 'node_load1',
    panel: graph('node_load1'),
  },
  {
    title: 'Targets',
    about: 'Who answers (1) and who does not (0)',
    needs: 'up',
    panel: { expr: 'up', tab: 'table' },
  },
  {
    title: 'Samples stored',
    about: 'What this server takes in per second',
    needs: 'prometheus_tsdb_head_samples_appended_total',
    panel: graph('sum by (type) (rate(prometheus_tsdb_head_samples_appended_total[2m]))'),
  },
];

const NAMES = [...MACHINE, ...MORE].map((example) => example.needs);

/** Selects what the examples need. Asked for names only, so that a server with millions of series does not notice. */
export const NEEDED = `{__name__=~"${NAMES.join('|')}"}`;
