package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a log says, as text, one line per entry. */
final class WalContent implements WalHandler {

  final List<String> lines = new ArrayList<>();
  final WalDecoder decoder = new WalDecoder();
  @Nullable WalCorruption corruption;

  static WalContent read(Path directory) {
    return read(directory, Integer.MAX_VALUE);
  }

  static WalContent read(Path directory, int before) {
    WalContent content = new WalContent();
    try (WalReader reader =
        new WalReader(Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).replay(before))) {
      content.corruption = reader.readAll(content.decoder, content);
    }
    return content;
  }

  WalCorruption broken() {
    WalCorruption found = corruption;
    if (found == null) {
      throw new AssertionError("no corruption was found");
    }
    return found;
  }

  Map<String, Long> skipped() {
    return decoder.skipped();
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    lines.add(series(ref, Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length))));
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {
    for (int i = 0; i < n; i++) {
      lines.add(sample(refs[i], timestamps[i], values[i]));
    }
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {
    lines.add(tombstoneLine(ref, minTime, maxTime));
  }

  static String series(long ref, Labels labels) {
    return "series " + ref + " " + labels;
  }

  static String sample(long ref, long time, double value) {
    return "sample " + ref + " " + time + " " + Long.toHexString(Double.doubleToRawLongBits(value));
  }

  static String tombstoneLine(long ref, long minTime, long maxTime) {
    return "tombstone " + ref + " " + minTime + " " + maxTime;
  }
}
