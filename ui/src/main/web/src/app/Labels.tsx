import { labelName, quote, type LabelSet } from '../text/series';
import classes from './Labels.module.css';

/** Labels as little plates, in the order given. */
export function Labels({ labels }: { readonly labels: LabelSet }) {
  return (
    <ul className={classes.labels}>
      {Object.entries(labels).map(([name, value]) => (
        <li key={name}>
          <span className={classes.name}>{labelName(name)}</span>=<span className={classes.value}>{quote(value)}</span>
        </li>
      ))}
    </ul>
  );
}
