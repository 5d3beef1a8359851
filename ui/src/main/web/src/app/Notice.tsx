import type { ReactNode } from 'react';
import classes from './Notice.module.css';

export type Tone = 'bad' | 'warning' | 'note';

interface Props {
  readonly tone: Tone;
  readonly title: string;
  readonly children: ReactNode;
  readonly testid: string;
}

/** Something to be told beside what was asked for. What is bad is read out at once, the rest when there is time. */
export function Notice({ tone, title, children, testid }: Props) {
  return (
    <div className={`${classes.notice} ${classes[tone]}`} role={tone === 'bad' ? 'alert' : 'status'} data-testid={testid}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}
