import { Progress } from '@mantine/core';
import { useReadiness, type ServerState } from '../server/readiness';
import { Notice, type Tone } from './Notice';

const TEXTS: Readonly<Record<Exclude<ServerState, 'ready'>, { title: string; text: string; tone: Tone }>> = {
  starting: {
    title: 'The server is starting',
    text: 'It reads back what it had written before it stopped. Queries are answered as soon as that is done.',
    tone: 'note',
  },
  stopping: { title: 'The server is stopping', text: 'This page waits for it to come back.', tone: 'warning' },
  unreachable: { title: 'The server does not answer', text: 'This page keeps trying, once a second.', tone: 'bad' },
};

/** Says so while the server is away. Nothing while it is there. */
export function Banner() {
  const { state, replayed } = useReadiness();
  if (state === 'ready') return null;
  const { title, text, tone } = TEXTS[state];
  return (
    <div style={{ marginBottom: 12 }}>
      <Notice tone={tone} title={title} testid="readiness-banner">
        {text}
        {replayed !== null && <Progress mt="xs" value={replayed * 100} aria-label={`${Math.round(replayed * 100)} percent read`} />}
      </Notice>
    </div>
  );
}
