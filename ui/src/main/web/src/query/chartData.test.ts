import { describe, expect, it } from 'vitest';
import { chartData, colour, lastValue, lonelyPoints, parseValue, seriesAt, stack } from './chartData';

const GRID = { start: 1_000_000, end: 1_040_000, step: 10_000 };
const NONE = new Set<number>();

describe('chartData', () => {
  it('puts every point into its place and leaves gaps empty', () => {
    const data = chartData(
      [
        { metric: { a: '1' }, values: [[1000, '1'], [1010, '2'], [1040, '5']] },
        { metric: { a: '2' }, values: [[1020, '7.5e-05']] },
      ],
      GRID,
      10,
    );
    expect(data.times).toEqual([1000, 1010, 1020, 1030, 1040]);
    expect(data.columns).toEqual([
      [1, 2, null, null, 5],
      [null, null, 0.000075, null, null],
    ]);
    expect(data.labels).toEqual([{ a: '1' }, { a: '2' }]);
    expect(data.left).toBe(0);
  });

  it('finds the place with steps that are no whole seconds', () => {
    const data = chartData([{ metric: {}, values: [[1.001, '1'], [1.034, '2'], [1.067, '3']] }], { start: 1001, end: 1070, step: 33 }, 10);
    expect(data.columns).toEqual([[1, 2, 3]]);
  });

  it('draws no infinity and no NaN, and tells of the former', () => {
    const data = chartData([{ metric: {}, values: [[1000, '+Inf'], [1010, '-Inf'], [1020, 'NaN'], [1030, '3']] }], GRID, 10);
    expect(data.columns).toEqual([[null, null, null, 3, null]]);
    expect(data.infinite).toBe(2);
  });

  it('counts native histograms apart', () => {
    const histogram = { metric: { h: '1' }, histograms: [[1000, { count: '1', sum: '1' }]] as const };
    const data = chartData([histogram, { metric: { a: '1' }, values: [[1000, '1']] }], GRID, 10);
    expect(data.labels).toEqual([{ a: '1' }]);
    expect(data.histograms).toBe(1);
  });

  it('draws no more than it is allowed', () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ metric: { i: String(i) }, values: [[1000, '1']] as const }));
    const data = chartData(many, GRID, 10);
    expect(data.columns).toHaveLength(10);
    expect(data.left).toBe(2);
  });
});

it('reads sample values', () => {
  expect(parseValue('+Inf')).toBe(Infinity);
  expect(parseValue('-Inf')).toBe(-Infinity);
  expect(parseValue('NaN')).toBeNaN();
  expect(parseValue('1.5e-07')).toBe(1.5e-7);
});

describe('stack', () => {
  it('adds up in order, gaps adding nothing', () => {
    expect(stack([[1, 2], [10, null], [100, 200]], NONE)).toEqual([[1, 2], [11, 2], [111, 202]]);
  });

  it('leaves hidden series out of the sums', () => {
    expect(stack([[1, 2], [10, null], [100, 200]], new Set([1]))).toEqual([[1, 2], [10, null], [101, 202]]);
  });
});

it('finds the points that no line would show', () => {
  expect(lonelyPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonelyPoints([null, 7, null])).toEqual([1]);
  expect(lonelyPoints([1, 2, 3])).toEqual([]);
});

describe('seriesAt', () => {
  const columns = [[1], [5], [null], [9]];

  it('takes the nearest line', () => {
    expect(seriesAt(columns, NONE, 0, 6, false)).toBe(1);
    expect(seriesAt(columns, new Set([1]), 0, 6, false)).toBe(3);
    expect(seriesAt([[null]], NONE, 0, 6, false)).toBeNull();
  });

  it('takes the area under the pointer', () => {
    expect(seriesAt(columns, NONE, 0, 6, true)).toBe(3);
    expect(seriesAt(columns, NONE, 0, 10, true)).toBe(3);
    expect(seriesAt([[null]], NONE, 0, 10, true)).toBeNull();
  });
});

it('knows the last value', () => {
  expect(lastValue([1, 2, null])).toBe(2);
  expect(lastValue([null])).toBeNull();
});

it('gives the first 36 series colours of their own, on light and on dark', () => {
  for (const dark of [false, true]) {
    expect(new Set(Array.from({ length: 36 }, (_, i) => colour(i, dark))).size).toBe(36);
  }
});
