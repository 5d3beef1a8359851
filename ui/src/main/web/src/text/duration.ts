/**
 * Durations as Prometheus writes them: `1d2h`, `5m`, `250ms`. All numbers are milliseconds.
 * The grammar is upstream's model.ParseDuration: units in falling order, each at most once.
 */

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

const PATTERN = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/** Milliseconds, or null where the text is no duration. A bare `0` is one; an empty text is not. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const match = trimmed === '' ? null : PATTERN.exec(trimmed);
  if (match === null) return null;
  return UNITS.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0);
}

/**
 * As upstream prints it: years and weeks only where nothing remains below them, since `90d` reads easier
 * than `12w6d`.
 */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  if (rest <= 0) return '0s';
  let text = '';
  for (const [unit, size] of UNITS) {
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count === 0) continue;
    text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** For a reader's eye: `8.52ms`, `3.2s`, `4m 10s`, `2h 5m`, `3d 4h`. Two units at most. */
export function humanDuration(milliseconds: number): string {
  const ms = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? '-' : '';
  if (ms < 1) return ms === 0 ? '0s' : `${sign}${Number(ms.toPrecision(3))}ms`;
  if (ms < 999.5) return `${sign}${Number(ms.toPrecision(3))}ms`;
  if (ms < 59_950) return `${sign}${Number((ms / 1000).toFixed(1))}s`;
  let rest = Math.round(ms / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(2, 6)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return sign + parts.join(' ');
}
