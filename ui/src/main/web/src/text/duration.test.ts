import { describe, expect, it } from 'vitest';
import { formatDuration, humanDuration, parseDuration } from './duration';

describe('parseDuration', () => {
  it.each([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
    ['250ms', 250],
    ['0', 0],
    [' 15s ', 15_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '5x', '1m1h', 'm', '1.5h', '-5m', '5m 3s'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [300_000, '5m'],
    [5_400_000, '1h30m'],
    [90 * 86_400_000, '90d'],
    [14 * 86_400_000, '2w'],
    [365 * 86_400_000, '1y'],
    [14_400, '14s400ms'],
  ])('writes %d ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('is undone by parseDuration', () => {
    for (const ms of [1, 999, 61_001, 86_400_000, 694_861_001, 31_536_000_000]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });
});

describe('humanDuration', () => {
  it.each([
    [0, '0s'],
    [0.0123, '0.0123ms'],
    [8.5234, '8.52ms'],
    [999.7, '1s'],
    [3210, '3.2s'],
    [59_980, '1m'],
    [250_000, '4m 10s'],
    [7_500_000, '2h 5m'],
    [7_200_000 + 30_000, '2h'],
    [3 * 86_400_000 + 4 * 3_600_000, '3d 4h'],
    [-5000, '-5s'],
  ])('writes %d ms', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});
