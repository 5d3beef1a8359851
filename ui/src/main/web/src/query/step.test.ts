import { describe, expect, it } from 'vitest';
import { narrow, newPanel, RANGES, widen, zoomed } from './panels';
import { seconds, stepFor, gridOf } from './step';

describe('stepFor', () => {
  it('takes the density from the range, as upstream', () => {
    expect(stepFor({ type: 'auto', density: 'medium' }, 3_600_000)).toBe(14_400);
    expect(stepFor({ type: 'auto', density: 'low' }, 3_600_000)).toBe(36_000);
    expect(stepFor({ type: 'auto', density: 'high' }, 3_600_000)).toBe(4800);
    expect(stepFor({ type: 'auto', density: 'high' }, 100)).toBe(1);
  });

  it('takes a given step as it is', () => {
    expect(stepFor({ type: 'fixed', step: 15_000 }, 1)).toBe(15_000);
    expect(stepFor({ type: 'custom', step: 0 }, 1)).toBe(1);
  });
});

describe('gridOf', () => {
  it('asks for exactly what a shared address says', () => {
    const panel = newPanel({ endTime: 1_000_007, range: 60_000, resolution: { type: 'fixed', step: 10_000 } });
    expect(gridOf(panel, 5)).toEqual({ start: 940_007, end: 1_000_007, step: 10_000 });
  });

  it('aligns the points while following the clock', () => {
    const panel = newPanel({ range: 60_000, resolution: { type: 'fixed', step: 10_000 } });
    expect(gridOf(panel, 1_000_007)).toEqual({ start: 950_000, end: 1_000_007, step: 10_000 });
    // Three seconds later the same points are asked for again.
    expect(gridOf(panel, 1_003_007).start).toBe(950_000);
  });
});

describe('ranges', () => {
  it('step through the list from any value', () => {
    expect(widen(3_600_000)).toBe(7_200_000);
    expect(narrow(3_600_000)).toBe(1_800_000);
    expect(widen(3_700_000)).toBe(7_200_000);
    expect(narrow(3_700_000)).toBe(3_600_000);
    expect(narrow(RANGES[0]!)).toBe(1000);
    expect(widen(1e15)).toBe(1e15);
  });
});

it('zooms to whole seconds, where there are enough of them', () => {
  expect(zoomed(1_000_400, 1_030_600)).toEqual({ endTime: 1_031_000, range: 31_000 });
  expect(zoomed(1_000_400, 1_002_600)).toEqual({ endTime: 1_002_600, range: 2200 });
  expect(zoomed(5, 6)).toEqual({ endTime: 6, range: 10 });
});

it('writes seconds without noise', () => {
  expect(seconds(1_435_781_430_781)).toBe('1435781430.781');
  expect(seconds(15_000)).toBe('15');
  expect(seconds(0.4)).toBe('0');
});
