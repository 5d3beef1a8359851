/** For who has not asked anything yet: examples that answer here and now, one click away. */

import { Button } from '@mantine/core';
import { Fragment, useEffect, useEffectEvent } from 'react';
import { useReadiness } from '../server/readiness';
import { useAnswer } from '../server/useAnswer';
import { MACHINE, MORE, NEEDED, type Example } from './examples';
import classes from './Welcome.module.css';

/** Just after the first start nothing has been scraped yet: look again until something has. */
const LOOK_AGAIN_MILLIS = 3000;

/** The expression with places to break the line after opening brackets rather than within a name. */
function breakable(expr: string) {
  return expr.split(/(?<=[({[])/).map((part, i) => (
    <Fragment key={i}>
      {part}
      <wbr />
    </Fragment>
  ));
}

interface Props {
  readonly onOne: (example: Example) => void;
  readonly onAll: (examples: readonly Example[]) => void;
}

export function Welcome({ onOne, onAll }: Props) {
  const { put, answer } = useAnswer<readonly string[]>();
  const { epoch } = useReadiness();
  const present = new Set(answer?.data ?? []);
  const machine = MACHINE.filter((example) => present.has(example.needs));
  const more = MORE.filter((example) => present.has(example.needs));
  const complete = machine.length > 0;

  const look = useEffectEvent(() =>
    put({ path: '/label/__name__/values', params: { 'match[]': NEEDED, start: String(Math.floor(Date.now() / 1000) - 300) }, context: null }),
  );

  useEffect(() => {
    look();
    if (complete) return;
    const timer = setInterval(() => look(), LOOK_AGAIN_MILLIS);
    return () => clearInterval(timer);
  }, [epoch, complete]);

  return (
    <section className={`nx-card ${classes.welcome}`} aria-label="Welcome" data-testid="welcome">
      <div className={classes.head}>
        <div>
          <h2>{complete ? 'This machine, right now' : 'Ask a first question'}</h2>
          <p className="nx-muted">
            {machine.length + more.length > 0
              ? 'Pick one of these queries to begin with, or write your own above: names are completed as you type.'
              : answer === null
                ? 'Looking for what has been measured…'
                : 'Nothing has been measured yet. Examples appear here with the first scrape; the targets page tells how that goes.'}
          </p>
        </div>
        {machine.length > 1 && (
          <Button onClick={() => onAll(machine)} data-testid="welcome-all">
            Show all {machine.length}, live
          </Button>
        )}
      </div>
      <div className={classes.cards}>
        {[...machine, ...more].map((example) => (
          <button key={example.title} type="button" className={classes.example} onClick={() => onOne(example)} data-testid="welcome-example">
            <strong>{example.title}</strong>
            <span className="nx-muted">{example.about}</span>
            <code>{breakable(example.panel.expr)}</code>
          </button>
        ))}
      </div>
    </section>
  );
}
