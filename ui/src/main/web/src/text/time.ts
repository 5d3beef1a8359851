/** Points in time as text, in UTC or in the reader's own zone. All numbers are milliseconds since 1970. */

export type Zone = 'utc' | 'local';

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

interface Parts {
  readonly date: string;
  readonly time: string;
  readonly millis: number;
}

function parts(ms: number, zone: Zone): Parts {
  const d = new Date(ms);
  return zone === 'utc'
    ? {
        date: `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`,
        time: `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`,
        millis: d.getUTCMilliseconds(),
      }
    : {
        date: `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`,
        time: `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`,
        millis: d.getMilliseconds(),
      };
}

/** `2026-03-01 14:05:09`, with `.250` where there is a fraction of a second. */
export function formatTime(ms: number, zone: Zone): string {
  const p = parts(ms, zone);
  return `${p.date} ${p.time}${p.millis === 0 ? '' : `.${pad(p.millis, 3)}`}`;
}

/** `14:05:09`: for the hover box, where the day is plain from the axis. */
export function formatClock(ms: number, zone: Zone): string {
  return parts(ms, zone).time;
}

/** `UTC`, or the reader's offset at that time: `UTC+2`, `UTC-3:30`. */
export function zoneName(ms: number, zone: Zone): string {
  const offset = zone === 'utc' ? 0 : -new Date(ms).getTimezoneOffset();
  if (offset === 0) return 'UTC';
  const minutes = Math.abs(offset) % 60;
  return `UTC${offset < 0 ? '-' : '+'}${Math.floor(Math.abs(offset) / 60)}${minutes === 0 ? '' : `:${pad(minutes)}`}`;
}

const WRITTEN = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const UNIX = /^\d{9,10}(\.\d{1,3})?$/;

/**
 * Reads what `formatTime` writes and what people paste: `2026-03-01`, `2026-03-01 14:05`, RFC 3339 with its
 * own zone, unix seconds. Null where it is none of these, or no real date (February 30).
 */
export function parseTime(text: string, zone: Zone): number | null {
  const trimmed = text.trim();
  if (UNIX.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  if (ZONED.test(trimmed)) {
    const ms = Date.parse(trimmed);
    return Number.isNaN(ms) ? null : ms;
  }
  const match = WRITTEN.exec(trimmed);
  if (match === null) return null;
  const n = (i: number) => Number(match[i] ?? 0);
  const fields = [n(1), n(2) - 1, n(3), n(4), n(5), n(6), Number((match[7] ?? '0').padEnd(3, '0'))] as const;
  const ms = zone === 'utc' ? Date.UTC(...fields) : new Date(...fields).getTime();
  const back = new Date(ms);
  const day = zone === 'utc' ? back.getUTCDate() : back.getDate();
  return Number.isNaN(ms) || day !== fields[2] || fields[1] > 11 || fields[4] > 59 || fields[5] > 59 ? null : ms;
}

/** `12s ago`, `3m 10s ago`, `never` for the zero time that Go writes where nothing has happened yet. */
export function ago(rfc3339: string, now: number, human: (ms: number) => string): string {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at) || at < 0) return 'never';
  return `${human(Math.max(0, now - at))} ago`;
}
