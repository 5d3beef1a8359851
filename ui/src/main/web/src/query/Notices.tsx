import type { ReactNode } from 'react';
import { Notice, type Tone } from '../app/Notice';
import type { Answer, ApiError } from '../server/answer';
import { useSettings } from '../settings/settings';

/** What the server has to say about a query besides its result, in its own words. */
export function Notices({ error, answer }: { readonly error: ApiError | null; readonly answer: Answer<unknown> | null }) {
  const { showQueryWarnings, showQueryInfoNotices } = useSettings();
  return (
    <>
      {error !== null && (
        <Notice tone="bad" title="The query was not answered" testid="query-error">
          <span className="nx-mono" style={{ whiteSpace: 'pre-wrap' }}>
            {error.type}: {error.message}
          </span>
        </Notice>
      )}
      {showQueryWarnings && <Notes tone="warning" title="Warning" notes={answer?.warnings ?? []} testid="query-warnings" />}
      {showQueryInfoNotices && <Notes tone="note" title="Note" notes={answer?.infos ?? []} testid="query-infos" />}
    </>
  );
}

interface NotesProps {
  readonly tone: Tone;
  readonly title: string;
  readonly notes: readonly string[];
  readonly testid: string;
}

function Notes({ tone, title, notes, testid }: NotesProps) {
  if (notes.length === 0) return null;
  return (
    <Notice tone={tone} title={notes.length === 1 ? title : `${title}s`} testid={testid}>
      {notes.map((note) => (
        <div key={note}>{note}</div>
      ))}
    </Notice>
  );
}

/** The page's own remark beside a result: what it has left out, and how to see it. */
export function Remark({ children }: { readonly children: ReactNode }) {
  return (
    <p className="nx-muted" style={{ margin: 0, padding: '4px 10px', fontSize: 13 }} data-testid="remark">
      {children}
    </p>
  );
}
