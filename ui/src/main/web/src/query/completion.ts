/** What the editor proposes: upstream's completion over the API, shared by all panels, and past queries. */

import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { newCompleteStrategy, type CompleteStrategy } from '@prometheus-io/codemirror-promql';
import { prefix } from '../server/page';
import { pastQueries } from './history';

const LONGEST_LABEL = 80;

let shared: CompleteStrategy | null = null;

/** One for the page: it keeps names and metadata for some minutes, which every panel can use. */
const overTheApi = (): CompleteStrategy => (shared ??= newCompleteStrategy({ remote: { url: prefix } }));

/** Puts past queries in front where the reader begins an expression; elsewhere they would not fit. */
export function completion(withHistory: boolean): CompleteStrategy {
  return {
    async promQL(context: CompletionContext): Promise<CompletionResult | null> {
      const found = await overTheApi().promQL(context);
      const word = context.matchBefore(/[a-zA-Z0-9_:]*/);
      const from = found?.from ?? word?.from ?? context.pos;
      const past = withHistory && from === 0 ? pastQueries() : [];
      if (past.length === 0) return found;
      const options = past.map((query) => ({
        label: query.length <= LONGEST_LABEL ? query : `${query.slice(0, LONGEST_LABEL - 1)}…`,
        detail: 'past query',
        apply: query,
        boost: -1,
        ...(query.length > LONGEST_LABEL && { info: query }),
      }));
      return { from, options: [...options, ...(found?.options ?? [])], validFor: /^[a-zA-Z0-9_:]+$/ };
    },
  };
}
