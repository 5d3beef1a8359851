/**
 * Which page is open. Every page is one path segment below the prefix; links are real links, so that a middle
 * click, a reload and a bookmark work. Going back to a page returns to the address it was left with.
 */

import { useSyncExternalStore, type MouseEvent } from 'react';
import { prefix } from '../server/page';
import { pageSegment } from '../server/paths';

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
const address = () => window.location.pathname + window.location.search;
const left = new Map<string, string>();

window.addEventListener('popstate', tell);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The open page's segment, `query` for example. */
export function usePage(): string {
  return useSyncExternalStore(subscribe, () => pageSegment(window.location.pathname));
}

/** The address's search part with its question mark; changes when the reader goes back or forward too. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}

/** Where a page is found. */
export const pageAddress = (page: string): string => `${prefix}/${page}`;

/** Opens a page, with the search part it was left with. */
export function openPage(page: string): void {
  left.set(pageSegment(window.location.pathname), window.location.search);
  window.history.pushState(null, '', pageAddress(page) + (left.get(page) ?? ''));
  tell();
}

/** Sets the search part of the open page, as a new step of the browser's history or in place of the present one. */
export function setSearch(search: string, how: 'push' | 'replace'): void {
  const next = window.location.pathname + (search === '' ? '' : `?${search}`);
  if (next === address()) return;
  if (how === 'push') window.history.pushState(null, '', next);
  else window.history.replaceState(null, '', next);
  tell();
}

/** Changes the page's segment in place, keeping the search part: for addresses that have moved. */
export function moveTo(page: string): void {
  window.history.replaceState(null, '', pageAddress(page) + window.location.search);
  tell();
}

/** For a link's onClick: plain clicks stay within the page, all others are the browser's. */
export function follow(event: MouseEvent, page: string): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openPage(page);
}
