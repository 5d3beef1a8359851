/** All pages, in the order of the navigation. A page to come gets its line here and a room of its own. */

import type { FC } from 'react';
import { QueryPage } from '../query/QueryPage';
import { agentMode } from '../server/page';
import { TargetsPage } from '../targets/TargetsPage';

export interface PageEntry {
  /** Its path segment, as upstream has it. */
  readonly path: string;
  readonly title: string;
  readonly Page: FC;
}

const TARGETS: PageEntry = { path: 'targets', title: 'Targets', Page: TargetsPage };

/** An agent answers no queries, so it has no page for them. */
export const PAGES: readonly PageEntry[] = agentMode ? [TARGETS] : [{ path: 'query', title: 'Query', Page: QueryPage }, TARGETS];

/** The first page that exists: where `/` and the addresses of older programs lead. */
export const HOME = agentMode ? TARGETS.path : 'query';

/** Addresses that lead home: upstream redirects them on the server, and so do we; this is for plain file servers. */
export const MOVED: ReadonlySet<string> = new Set(['', 'graph', 'index.html', 'agent']);
