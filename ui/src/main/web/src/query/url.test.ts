import { describe, expect, it } from 'vitest';
import { newPanel, type Panel } from './panels';
import { decodePanels, encodePanels } from './url';

const withoutId = ({ id: _, ...rest }: Panel) => rest;
const only = (search: string) => withoutId(decodePanels(search)[0] ?? newPanel({ expr: 'nothing was decoded' }));
const defaults = withoutId(newPanel());

describe('encodePanels', () => {
  it("writes upstream's parameters", () => {
    const panel = newPanel({ expr: 'up{job="a b"} > 0', tab: 'graph', endTime: Date.UTC(2026, 2, 1, 14), range: 5_400_000 });
    expect(Object.fromEntries(new URLSearchParams(encodePanels([panel])))).toEqual({
      'g0.expr': 'up{job="a b"} > 0',
      'g0.show_tree': '0',
      'g0.tab': 'graph',
      'g0.end_input': '2026-03-01 14:00:00',
      'g0.moment_input': '2026-03-01 14:00:00',
      'g0.range_input': '1h30m',
      'g0.res_type': 'auto',
      'g0.res_density': 'medium',
      'g0.display_mode': 'lines',
      'g0.show_exemplars': '0',
    });
  });

  it('numbers the panels and leaves out what is not set', () => {
    const search = encodePanels([newPanel({ expr: 'a' }), newPanel({ expr: 'b', resolution: { type: 'custom', step: 1500 }, yAxisMin: 0 })]);
    const params = new URLSearchParams(search);
    expect(params.get('g1.expr')).toBe('b');
    expect(params.get('g1.res_type')).toBe('custom');
    expect(params.get('g1.res_step')).toBe('1.5');
    expect(params.get('g1.y_axis_min')).toBe('0');
    expect(params.has('g1.res_density')).toBe(false);
    expect(params.has('g0.end_input')).toBe(false);
    expect(params.has('g0.y_axis_min')).toBe(false);
  });
});

describe('decodePanels', () => {
  it('undoes encodePanels', () => {
    const panels = [
      newPanel({ expr: 'sum by (job) (rate(x[5m])) + 1', tab: 'graph', displayMode: 'stacked', yAxisMin: 0 }),
      newPanel({ expr: 'b & c = "%"', endTime: Date.UTC(2026, 6, 1, 1, 2, 3), range: 61_000, resolution: { type: 'fixed', step: 30_000 } }),
      newPanel({ expr: '', displayMode: 'heatmap', showExemplars: true, showTree: true, resolution: { type: 'auto', density: 'high' } }),
    ];
    expect(decodePanels(`?${encodePanels(panels)}`).map(withoutId)).toEqual(panels.map(withoutId));
  });

  it('finds no panel where there is no expression', () => {
    expect(decodePanels('')).toEqual([]);
    expect(decodePanels('?g1.expr=up&g0.tab=graph')).toEqual([]);
    expect(decodePanels('?g0.expr=a&g2.expr=c')).toHaveLength(1);
  });

  it('gives defaults to a bare expression', () => {
    expect(only('?g0.expr=up')).toEqual({ ...defaults, expr: 'up' });
  });

  it('reads the numbers of older pages', () => {
    expect(only('?g0.expr=up&g0.tab=0&g0.stacked=1&g0.step_input=30')).toEqual({
      ...defaults,
      expr: 'up',
      tab: 'graph',
      displayMode: 'stacked',
      resolution: { type: 'custom', step: 30_000 },
    });
    expect(only('?g0.expr=up&g0.tab=1&g0.stacked=0').tab).toBe('table');
  });

  it('lets the newer parameters win', () => {
    const search = '?g0.expr=up&g0.step_input=30&g0.res_type=auto&g0.res_density=low&g0.stacked=1&g0.display_mode=lines';
    expect(only(search)).toEqual({ ...defaults, expr: 'up', resolution: { type: 'auto', density: 'low' } });
    expect(only('?g0.expr=up&g0.end_input=2026-03-01 14:00&g0.moment_input=2026-03-01 15:00').endTime).toBe(Date.UTC(2026, 2, 1, 15));
  });

  it('reads what other programs write: dates with minutes, and RFC 3339', () => {
    expect(only('?g0.expr=up&g0.end_input=2026-03-01 14:00').endTime).toBe(Date.UTC(2026, 2, 1, 14));
    expect(only('?g0.expr=up&g0.end_input=2026-03-01T14:00:00Z').endTime).toBe(Date.UTC(2026, 2, 1, 14));
  });

  it('keeps defaults where a value makes no sense', () => {
    const search =
      '?g0.expr=up&g0.tab=explain&g0.range_input=soon&g0.end_input=never&g0.res_type=fixed&g0.res_step=-1&g0.display_mode=pie&g0.y_axis_min=';
    expect(only(search)).toEqual({ ...defaults, expr: 'up' });
  });
});
