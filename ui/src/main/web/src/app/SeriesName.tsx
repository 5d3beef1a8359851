import { Fragment } from 'react';
import { braced, labelName, plainMetricName, quote, type LabelSet } from '../text/series';
import classes from './SeriesName.module.css';

/** A series' name as PromQL, in colours. Its text is exactly `formatSeries(labels)`. */
export function SeriesName({ labels }: { readonly labels: LabelSet }) {
  const name = plainMetricName(labels);
  const inside = braced(labels);
  return (
    <span className={classes.name}>
      {name !== '' && <span className={classes.metric}>{name}</span>}
      {(name === '' || inside.length > 0) && (
        <>
          {'{'}
          {inside.map((label, i) => (
            <Fragment key={label.name ?? ''}>
              {i > 0 && (
                <>
                  <span className={classes.comma}>,</span>
                  <wbr />
                </>
              )}
              {label.name === null ? (
                <span className={classes.metric}>{quote(label.value)}</span>
              ) : (
                <>
                  <span className={classes.label}>{labelName(label.name)}</span>=<span className={classes.value}>{quote(label.value)}</span>
                </>
              )}
            </Fragment>
          ))}
          {'}'}
        </>
      )}
    </span>
  );
}
