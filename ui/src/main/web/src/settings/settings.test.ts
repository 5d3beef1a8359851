import { describe, expect, it } from 'vitest';
import { decode, DEFAULTS } from './settings';

describe('decode', () => {
  it('reads what was stored', () => {
    expect(decode('true', false)).toBe(true);
    expect(decode('15', 0)).toBe(15);
  });

  it('falls back where nothing, rubbish or another type was stored', () => {
    expect(decode(null, true)).toBe(true);
    expect(decode('{', true)).toBe(true);
    expect(decode('"yes"', false)).toBe(false);
    expect(decode('null', 5)).toBe(5);
  });
});

it('starts as upstream does, but remembers queries', () => {
  expect(DEFAULTS).toEqual({
    useLocalTime: false,
    enableQueryHistory: true,
    enableAutocomplete: true,
    enableSyntaxHighlighting: true,
    enableLinter: true,
    showQueryWarnings: true,
    showQueryInfoNotices: true,
    refreshSeconds: 0,
  });
});
