/**
 * What the server writes into index.html when it serves the page. An unreplaced placeholder (the file opened
 * by other means) counts as absent.
 */

import { pathPrefix } from './paths';

function fact(name: string): string {
  const content = document.querySelector(`meta[name="narthex-${name}"]`)?.getAttribute('content') ?? '';
  return content.endsWith('_PLACEHOLDER') ? '' : content;
}

/** False while the server was still starting when it served this page. */
export const readyAtLoad: boolean = fact('ready') !== 'false';

/** An agent scrapes and forwards: it has no database and answers no queries. */
export const agentMode: boolean = fact('agent-mode') === 'true';

/** Where the console templates start, or an empty text where there are none. */
export const consolesLink: string = fact('consoles-link');

/** How far back an instant query looks for a sample, as a Prometheus duration; empty where unknown. */
export const lookbackDelta: string = fact('lookback-delta');

/** The path under which the server lives: see `pathPrefix`. */
export const prefix: string = pathPrefix(window.location.pathname);
