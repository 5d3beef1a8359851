import { Alert, Progress } from '@mantine/core';
import { useReadiness, type ServerState } from '../server/readiness';

const TEXTS: Readonly<Record<Exclude<ServerState, 'ready'>, { title: string; text: string; colour: string }>> = {
  starting: {
    title: 'The server is starting',
    text: 'It reads back what it had written before it stopped. Queries are answered as soon as that is done.',
    colour: 'blue',
  },
  stopping: { title: 'The server is stopping', text: 'This page waits for it to come back.', colour: 'yellow' },
  unreachable: { title: 'The server does not answer', text: 'This page keeps trying, once a second.', colour: 'red' },
};

/** Says so while the server is away. Nothing while it is there. */
export function Banner() {
  const { state, replayed } = useReadiness();
  if (state === 'ready') return null;
  const { title, text, colour } = TEXTS[state];
  return (
    <Alert color={colour} title={title} mb="sm" role="status" data-testid="readiness-banner">
      {text}
      {replayed !== null && <Progress mt="xs" value={replayed * 100} aria-label={`${Math.round(replayed * 100)} percent read`} />}
    </Alert>
  );
}
