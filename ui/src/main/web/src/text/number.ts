/** Numbers for a reader's eye. The table shows the server's own text; these are for axes, legends and hover boxes. */

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

const trim = (text: string) => (text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text);

/** `1.25k`, `3.4G`, `0.05`, `1.2e-7`: short enough for an axis. At most `digits` significant digits. */
export function shortNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-4) return value.toExponential(digits - 2).replace(/\.?0+e/, 'e');
  for (const [scale, suffix] of SCALES) {
    if (size >= scale) return trim((value / scale).toPrecision(digits)) + suffix;
  }
  return trim(value.toPrecision(digits));
}

/**
 * Labels of one axis: all with the scale and the decimals that tell its ticks apart. `increment` is the
 * distance between two ticks.
 */
export function axisLabels(ticks: readonly number[], increment: number): string[] {
  const largest = Math.max(...ticks.map(Math.abs), 0);
  if (largest >= 1e15 || (largest > 0 && largest < 1e-4)) return ticks.map((t) => shortNumber(t));
  const [scale, suffix] = SCALES.find(([s]) => largest >= s) ?? [1, ''];
  const decimals = Math.min(10, Math.max(0, Math.ceil(-Math.log10(increment / scale) - 1e-9)));
  // An increment such as 2.5 needs one digit more than its magnitude says.
  const exact = (increment / scale) * 10 ** decimals;
  const places = Math.abs(exact - Math.round(exact)) > 1e-6 ? decimals + 1 : decimals;
  return ticks.map((t) => (t === 0 ? '0' : (t / scale).toFixed(places) + suffix));
}

/** `12,345`: a count within a sentence. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 series` / `2 series`, `1 target` / `2 targets`. */
export function plural(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
