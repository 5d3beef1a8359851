package io.narthex.model.histogram;

/** One histogram has exponential buckets and the other custom ones: they cannot be combined. */
public final class IncompatibleHistogramsException extends RuntimeException {

  private static final long serialVersionUID = 1;

  IncompatibleHistogramsException() {
    super("cannot combine histograms with exponential and with custom buckets", null, false, false);
  }
}
