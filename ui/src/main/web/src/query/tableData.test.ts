import { describe, expect, it } from 'vitest';
import { histogramText, MOST_SAMPLES, rowCount, rows } from './tableData';

describe('rows', () => {
  it("keep the server's own text of a value", () => {
    const result = { resultType: 'vector', result: [{ metric: { a: '1' }, value: [1, '1.5e-07'] }, { metric: {}, value: [1, 'NaN'] }] } as const;
    expect(rows(result, 10, 'utc')).toEqual([
      { labels: { a: '1' }, value: '1.5e-07' },
      { labels: {}, value: 'NaN' },
    ]);
  });

  it('end where the limit is, though all are counted', () => {
    const result = { resultType: 'vector', result: Array.from({ length: 30 }, (_, i) => ({ metric: { i: String(i) }, value: [1, '1'] as const })) } as const;
    expect(rows(result, 10, 'utc')).toHaveLength(10);
    expect(rowCount(result)).toBe(30);
  });

  it('show a range of samples line by line, oldest first', () => {
    const result = { resultType: 'matrix', result: [{ metric: { a: '1' }, values: [[0, '1'], [15.5, '2']] }] } as const;
    expect(rows(result, 10, 'utc')[0]?.value).toBe('1 @ 1970-01-01 00:00:00\n2 @ 1970-01-01 00:00:15.500');
  });

  it('count the samples that do not fit', () => {
    const values = Array.from({ length: MOST_SAMPLES + 5 }, (_, i) => [i, String(i)] as const);
    const text = rows({ resultType: 'matrix', result: [{ metric: {}, values }] }, 10, 'utc')[0]?.value.split('\n') ?? [];
    expect(text[0]).toBe('(5 earlier samples)');
    expect(text[1]).toBe('5 @ 1970-01-01 00:00:05');
    expect(text).toHaveLength(MOST_SAMPLES + 1);
  });

  it('show a scalar and a string without labels', () => {
    expect(rows({ resultType: 'scalar', result: [1, '42'] }, 10, 'utc')).toEqual([{ labels: null, value: '42' }]);
    expect(rows({ resultType: 'string', result: [1, 'hello'] }, 10, 'utc')).toEqual([{ labels: null, value: 'hello' }]);
  });
});

it('writes native histograms with the right brackets', () => {
  const buckets = [
    [0, '1', '2', '4'],
    [1, '2', '3', '5'],
    [2, '3', '4', '6'],
    [3, '-0.001', '0.001', '1'],
  ] as const;
  expect(histogramText({ count: '16', sum: '20', buckets })).toBe('{count:16, sum:20, (1,2]:4, [2,3):5, (3,4):6, [-0.001,0.001]:1}');
  expect(histogramText({ count: '0', sum: '0' })).toBe('{count:0, sum:0}');
});
