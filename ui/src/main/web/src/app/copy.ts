import { announce } from './announce';

/**
 * Copies a text. The browser's clipboard only exists on HTTPS and on localhost; most of these pages are opened
 * over plain HTTP, where the old way through a selected text field still works.
 */
export async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused, for example in a frame: the old way may still be allowed.
    }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } finally {
    field.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

const SHOWN_MILLIS = 1200;

/** Copies, and shows on `button` that it has happened (or not): see `[data-copied]` in app.css. */
export async function copyFrom(button: HTMLElement, text: string): Promise<void> {
  const done = await copy(text);
  button.dataset['copied'] = done ? 'Copied' : 'Not allowed';
  announce(button.dataset['copied']);
  setTimeout(() => delete button.dataset['copied'], SHOWN_MILLIS);
}
