import { expect, it } from 'vitest';
import { pageSegment, pathPrefix } from './paths';

it.each([
  ['/query', '', 'query'],
  ['/', '', ''],
  ['/prometheus/query', '/prometheus', 'query'],
  ['/a/b/targets', '/a/b', 'targets'],
  ['/prometheus/', '/prometheus', ''],
])('takes %s apart', (path, prefix, page) => {
  expect(pathPrefix(path)).toBe(prefix);
  expect(pageSegment(path)).toBe(page);
});
