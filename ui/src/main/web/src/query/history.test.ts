import { expect, it } from 'vitest';
import { LONGEST_HISTORY, withQuery } from './history';

it('puts the newest first and names nothing twice', () => {
  expect(withQuery(['a', 'b'], ' b ')).toEqual(['b', 'a']);
  expect(withQuery(['a'], 'c')).toEqual(['c', 'a']);
  expect(withQuery(['a'], '  ')).toEqual(['a']);
});

it('forgets the oldest', () => {
  const past = Array.from({ length: LONGEST_HISTORY }, (_, i) => `q${i}`);
  const next = withQuery(past, 'new');
  expect(next).toHaveLength(LONGEST_HISTORY);
  expect(next[0]).toBe('new');
  expect(next).not.toContain(`q${LONGEST_HISTORY - 1}`);
});
