/** Tells readers who do not see the page what has just happened. The element stands in App. */
export const ANNOUNCER = 'announcer';

export function announce(text: string): void {
  const element = document.getElementById(ANNOUNCER);
  if (element !== null) element.textContent = text;
}
