import { Alert } from '@mantine/core';
import type { Answer, ApiError } from '../server/answer';
import { useSettings } from '../settings/settings';

/** What the server has to say about a query besides its result, in its own words. */
export function Notices({ error, answer }: { readonly error: ApiError | null; readonly answer: Answer<unknown> | null }) {
  const { showQueryWarnings, showQueryInfoNotices } = useSettings();
  return (
    <>
      {error !== null && (
        <Alert color="red" title="The query was not answered" data-testid="query-error" role="alert">
          <span className="nx-mono" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {error.type}: {error.message}
          </span>
        </Alert>
      )}
      {showQueryWarnings && <Notes colour="yellow" title="Warning" notes={answer?.warnings ?? []} testid="query-warnings" />}
      {showQueryInfoNotices && <Notes colour="blue" title="Note" notes={answer?.infos ?? []} testid="query-infos" />}
    </>
  );
}

interface NotesProps {
  readonly colour: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly testid: string;
}

function Notes({ colour, title, notes, testid }: NotesProps) {
  if (notes.length === 0) return null;
  return (
    <Alert color={colour} title={notes.length === 1 ? title : `${title}s`} data-testid={testid}>
      {notes.map((note) => (
        <div key={note} style={{ overflowWrap: 'anywhere' }}>
          {note}
        </div>
      ))}
    </Alert>
  );
}

/** The page's own remark beside a result: what it has left out, and how to see it. */
export function Remark({ children }: { readonly children: React.ReactNode }) {
  return (
    <p className="nx-muted" style={{ margin: '6px 0', fontSize: 13 }} data-testid="remark">
      {children}
    </p>
  );
}
