import { describe, expect, it } from 'vitest';
import { axisLabels, plural, shortNumber } from './number';

describe('shortNumber', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.5, '0.5'],
    [12.34567, '12.35'],
    [999, '999'],
    [1250, '1.25k'],
    [-25_300_000, '-25.3M'],
    [8.2e9, '8.2G'],
    [1.5e12, '1.5T'],
    [3e18, '3e+18'],
    [0.0000012, '1.2e-6'],
    [100, '100'],
    [1e-3, '0.001'],
  ])('writes %d', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  it('names what is no number', () => {
    expect(shortNumber(Number.NaN)).toBe('NaN');
    expect(shortNumber(Number.NEGATIVE_INFINITY)).toBe('-Infinity');
  });
});

describe('axisLabels', () => {
  it('gives all ticks one scale and enough decimals', () => {
    expect(axisLabels([0, 0.5, 1, 1.5], 0.5)).toEqual(['0', '0.5', '1.0', '1.5']);
    expect(axisLabels([0, 500, 1000, 1500], 500)).toEqual(['0', '0.5k', '1.0k', '1.5k']);
    expect(axisLabels([0, 2.5, 5, 7.5], 2.5)).toEqual(['0', '2.5', '5.0', '7.5']);
    expect(axisLabels([0.95, 0.975, 1], 0.025)).toEqual(['0.950', '0.975', '1.000']);
    expect(axisLabels([0, 100, 200], 100)).toEqual(['0', '100', '200']);
    expect(axisLabels([-2e9, 0, 2e9], 2e9)).toEqual(['-2G', '0', '2G']);
  });
});

describe('plural', () => {
  it('counts', () => {
    expect(plural(1, 'target', 'targets')).toBe('1 target');
    expect(plural(12_345, 'target', 'targets')).toBe('12,345 targets');
  });
});
