package io.narthex.tsdb.snapshot;

/** What a snapshot is for, which the name of its directory tells. */
public enum SnapshotKind {
  /** Prometheus' own: series with their labels and open chunks. */
  CHUNKS("chunk_snapshot."),

  /** An image of a running head: what no file has of its rows. Prometheus passes over it. */
  IMAGE("head_image.");

  final String prefix;

  SnapshotKind(String prefix) {
    this.prefix = prefix;
  }
}
