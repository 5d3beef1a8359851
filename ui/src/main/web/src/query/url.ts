/**
 * The panels in the address, with upstream's parameters, so that links work across both programs:
 *
 *     g0.expr g0.show_tree g0.tab=table|graph|explain g0.end_input g0.moment_input (UTC, 2026-03-01 14:00:00)
 *     g0.range_input=1h30m g0.res_type=auto|fixed|custom g0.res_density=low|medium|high g0.res_step (seconds)
 *     g0.display_mode=lines|stacked|heatmap g0.y_axis_min g0.show_exemplars; g1... for the next panel
 *
 * Of older pages these are still read: `tab=0` (graph) and `tab=1` (table), `stacked=1`, `step_input` (seconds).
 * What cannot be read leaves the default: a link is never refused.
 */

import { formatDuration, parseDuration } from '../text/duration';
import { formatTime, parseTime } from '../text/time';
import { newPanel, type Density, type DisplayMode, type Panel, type PanelChange, type Resolution, type Tab } from './panels';

const DENSITIES: readonly Density[] = ['low', 'medium', 'high'];
const MODES: readonly DisplayMode[] = ['lines', 'stacked', 'heatmap'];
const TABS: Readonly<Record<string, Tab>> = { '0': 'graph', '1': 'table', graph: 'graph', table: 'table' };

/** The panels of `g0.expr`, `g1.expr`, ... up to the first number that is missing. */
export function decodePanels(search: string): Panel[] {
  const params = new URLSearchParams(search);
  const panels: Panel[] = [];
  while (params.has(`g${panels.length}.expr`)) {
    const number = panels.length;
    panels.push(newPanel(decodePanel((name) => params.get(`g${number}.${name}`))));
  }
  return panels;
}

function decodePanel(param: (name: string) => string | null): PanelChange {
  const tab = TABS[param('tab') ?? ''];
  const range = parseDuration(param('range_input') ?? '');
  const endTime = parseTime(param('moment_input') ?? '', 'utc') ?? parseTime(param('end_input') ?? '', 'utc');
  const resolution = decodeResolution(param);
  const mode = MODES.find((m) => m === param('display_mode')) ?? (param('stacked') === '1' ? 'stacked' : undefined);
  const yAxisMin = Number.parseFloat(param('y_axis_min') ?? '');
  return {
    expr: param('expr') ?? '',
    ...(tab && { tab }),
    ...(range && { range }),
    ...(resolution && { resolution }),
    ...(mode && { displayMode: mode }),
    ...(Number.isFinite(yAxisMin) && { yAxisMin }),
    endTime,
    showExemplars: param('show_exemplars') === '1',
    showTree: param('show_tree') === '1',
  };
}

function decodeResolution(param: (name: string) => string | null): Resolution | undefined {
  const type = param('res_type');
  const step = Math.round(Number.parseFloat(param('res_step') ?? '') * 1000);
  if (type === 'auto') {
    const density = DENSITIES.find((d) => d === param('res_density'));
    return density && { type, density };
  }
  if ((type === 'fixed' || type === 'custom') && step > 0) return { type, step };
  const legacy = Number.parseInt(param('step_input') ?? '', 10);
  return legacy > 0 ? { type: 'custom', step: legacy * 1000 } : undefined;
}

/** The address's search part, without its question mark. */
export function encodePanels(panels: readonly Panel[]): string {
  const params = new URLSearchParams();
  panels.forEach((panel, number) => {
    for (const [name, value] of Object.entries(encodePanel(panel))) {
      if (value !== null) params.append(`g${number}.${name}`, value);
    }
  });
  return params.toString();
}

function encodePanel(panel: Panel): Record<string, string | null> {
  const end = panel.endTime === null ? null : formatTime(panel.endTime, 'utc');
  const { resolution } = panel;
  return {
    expr: panel.expr,
    show_tree: panel.showTree ? '1' : '0',
    tab: panel.tab,
    end_input: end,
    moment_input: end,
    range_input: formatDuration(panel.range),
    res_type: resolution.type,
    res_density: resolution.type === 'auto' ? resolution.density : null,
    res_step: resolution.type === 'auto' ? null : String(resolution.step / 1000),
    display_mode: panel.displayMode,
    y_axis_min: panel.yAxisMin === null ? null : String(panel.yAxisMin),
    show_exemplars: panel.showExemplars ? '1' : '0',
  };
}
