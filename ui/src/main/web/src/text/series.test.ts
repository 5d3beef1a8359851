import { describe, expect, it } from 'vitest';
import { commonLabels, formatSeries, quote, without } from './series';

describe('formatSeries', () => {
  it.each([
    [{ __name__: 'up' }, 'up'],
    [{ __name__: 'up', job: 'api', instance: 'a:9090' }, 'up{job="api",instance="a:9090"}'],
    [{}, '{}'],
    [{ job: 'api' }, '{job="api"}'],
    [{ __name__: 'job:rate5m' }, 'job:rate5m'],
    [{ __name__: 'http.requests', 'service.name': 'x' }, '{"http.requests","service.name"="x"}'],
    [{ __name__: 'm', path: 'C:\\dir "x"\n' }, 'm{path="C:\\\\dir \\"x\\"\\n"}'],
  ])('writes %j', (labels, text) => {
    expect(formatSeries(labels)).toBe(text);
  });

  it('quotes what PromQL would read otherwise', () => {
    expect(quote('a\tb')).toBe('"a\\tb"');
    expect(quote('grüße')).toBe('"grüße"');
  });
});

describe('commonLabels', () => {
  it('finds what all series share, and takes it away', () => {
    const a = { __name__: 'cpu', job: 'node', mode: 'idle' };
    const b = { __name__: 'cpu', job: 'node', mode: 'user', cpu: '0' };
    const common = commonLabels([a, b]);
    expect(common).toEqual({ __name__: 'cpu', job: 'node' });
    expect(without(b, common)).toEqual({ mode: 'user', cpu: '0' });
  });

  it('leaves a single series its name', () => {
    expect(commonLabels([{ __name__: 'up' }])).toEqual({});
    expect(commonLabels([])).toEqual({});
  });
});
