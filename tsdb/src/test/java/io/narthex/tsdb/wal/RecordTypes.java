package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Which types of records a log has. */
public final class RecordTypes implements WalHandler {

  private final Set<Integer> found = new TreeSet<>();

  private RecordTypes() {}

  /** The types of a log without faults. */
  public static Set<Integer> of(Path wal) {
    RecordTypes types = new RecordTypes();
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, wal);
    try (WalReader reader = new WalReader(Disk.SYSTEM, directory.replay(Integer.MAX_VALUE))) {
      WalCorruption broken = reader.readAll(new WalDecoder(), types);
      if (broken != null) {
        throw new AssertionError(broken);
      }
    }
    return types.found;
  }

  @Override
  public boolean wants(int type) {
    return false;
  }

  @Override
  public void skipped(int type) {
    found.add(type);
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    throw new IllegalStateException();
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {
    throw new IllegalStateException();
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {
    throw new IllegalStateException();
  }
}
