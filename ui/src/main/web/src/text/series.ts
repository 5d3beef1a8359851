/** Series names as PromQL writes them, so that what is copied from the page can be pasted into a query. */

export type LabelSet = Readonly<Record<string, string>>;

const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A PromQL string literal in double quotes. */
export function quote(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t]/g, (c) => ({ '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] ?? c);
  return `"${escaped}"`;
}

/** A label's name, quoted where it is not a plain identifier. */
export const labelName = (name: string): string => (PLAIN_LABEL.test(name) ? name : quote(name));

/** The metric's name where it can stand before the braces; a name outside the plain alphabet goes inside them. */
export function plainMetricName(labels: LabelSet): string {
  const name = labels['__name__'] ?? '';
  return PLAIN_METRIC.test(name) ? name : '';
}

/** What stands between the braces: `job="api"`, or a bare quoted name for a UTF-8 metric. */
export function braced(labels: LabelSet): { readonly name: string | null; readonly value: string }[] {
  const name = labels['__name__'];
  const rest = Object.entries(labels)
    .filter(([key]) => key !== '__name__')
    .map(([key, value]) => ({ name: key, value }));
  return name !== undefined && name !== '' && plainMetricName(labels) === '' ? [{ name: null, value: name }, ...rest] : rest;
}

/** `up{job="api",instance="a:9090"}`; `{}` for the empty set, `{"dotted.name",job="api"}` for a UTF-8 name. */
export function formatSeries(labels: LabelSet): string {
  const name = plainMetricName(labels);
  const inside = braced(labels).map((l) => (l.name === null ? quote(l.value) : `${labelName(l.name)}=${quote(l.value)}`));
  return name !== '' && inside.length === 0 ? name : `${name}{${inside.join(',')}}`;
}

/** The labels on which the series of one result all agree: a graph's legend need not repeat them. */
export function commonLabels(all: readonly LabelSet[]): LabelSet {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return {};
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((o) => o[key] === value)));
}

/** `labels` without those in `common`. */
export function without(labels: LabelSet, common: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !(key in common)));
}
