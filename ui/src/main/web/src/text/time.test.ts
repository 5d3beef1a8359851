import { describe, expect, it } from 'vitest';
import { humanDuration } from './duration';
import { ago, formatClock, formatTime, parseTime, zoneName } from './time';

// The tests run in New York: UTC-5 in winter, UTC-4 in summer.
const WINTER = Date.UTC(2026, 0, 15, 12, 30, 5);
const SUMMER = Date.UTC(2026, 6, 15, 12, 30, 5);

describe('formatTime', () => {
  it('writes UTC and the local zone', () => {
    expect(formatTime(WINTER, 'utc')).toBe('2026-01-15 12:30:05');
    expect(formatTime(WINTER, 'local')).toBe('2026-01-15 07:30:05');
    expect(formatTime(SUMMER, 'local')).toBe('2026-07-15 08:30:05');
    expect(formatClock(SUMMER, 'local')).toBe('08:30:05');
  });

  it('keeps milliseconds only where there are some', () => {
    expect(formatTime(WINTER + 50, 'utc')).toBe('2026-01-15 12:30:05.050');
  });

  it('names the zone at that time', () => {
    expect(zoneName(WINTER, 'local')).toBe('UTC-5');
    expect(zoneName(SUMMER, 'local')).toBe('UTC-4');
    expect(zoneName(SUMMER, 'utc')).toBe('UTC');
  });
});

describe('parseTime', () => {
  it('undoes formatTime in both zones', () => {
    for (const zone of ['utc', 'local'] as const) {
      for (const ms of [WINTER, SUMMER, SUMMER + 123]) {
        expect(parseTime(formatTime(ms, zone), zone)).toBe(ms);
      }
    }
  });

  it.each([
    ['2026-01-15', Date.UTC(2026, 0, 15)],
    ['2026-1-5 7:30', Date.UTC(2026, 0, 5, 7, 30)],
    ['2026-01-15T12:30:05Z', WINTER],
    ['2026-01-15T14:30:05+02:00', WINTER],
    ['1768480205', WINTER],
    ['1768480205.5', WINTER + 500],
  ])('reads %s', (text, ms) => {
    expect(parseTime(text, 'utc')).toBe(ms);
  });

  it.each(['', 'now', '2026-02-30', '2026-13-01', '2026-01-15 12:75', '12:30'])('refuses "%s"', (text) => {
    expect(parseTime(text, 'utc')).toBeNull();
    expect(parseTime(text, 'local')).toBeNull();
  });
});

describe('ago', () => {
  it('tells the distance, and never for the zero time', () => {
    expect(ago('2026-01-15T12:30:00Z', WINTER, humanDuration)).toBe('5s ago');
    expect(ago('0001-01-01T00:00:00Z', WINTER, humanDuration)).toBe('never');
    expect(ago('2026-01-15T12:30:09Z', WINTER, humanDuration)).toBe('0s ago');
  });
});
