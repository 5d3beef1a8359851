package io.narthex.tsdb.wal;

/** How records are compressed, each on its own; one that does not shrink is stored as it is. */
public enum WalCompression {
  NONE(0),
  SNAPPY(0x08),
  ZSTD(0x10);

  private final int flag;

  WalCompression(int flag) {
    this.flag = flag;
  }

  /** The bit in a fragment's type byte. */
  int flag() {
    return flag;
  }
}
