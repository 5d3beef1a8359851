package io.narthex.tsdb.outoforder;

/** What the head knows of a commit: who may see it. */
public interface Visibility {

  /**
   * Whether a reader sees the commit's samples.
   *
   * @param reader the reader's number; none is as great as that of a commit that is not over
   */
  boolean visibleTo(long reader);
}
