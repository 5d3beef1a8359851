package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
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
  List<WalCorruption> corruptions = List.of();
  @Nullable Long minValidTime;

  /** Reads what can be read, behind broken records too. */
  static WalContent readSound(Path directory) {
    WalContent content = new WalContent();
    try (WalReader reader =
        new WalReader(
            Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).replay(Integer.MAX_VALUE))) {
      content.corruptions = reader.readSound(content.decoder, content);
    }
    return content;
  }

  /** The lines of a batch's records, one after the other. */
  static WalContent of(WalBatch batch) throws WalFormatException {
    WalContent content = new WalContent();
    int records = batch.records();
    for (int i = 0; i < records; i++) {
      content.decoder.decode(batch.bytes(), batch.start(i), batch.end(i) - batch.start(i), content);
    }
    return content;
  }

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
  public boolean wants(int type) {
    return true;
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
  public void samplesWithStarts(
      long[] refs, long[] starts, long[] timestamps, double[] values, int n) {
    for (int i = 0; i < n; i++) {
      lines.add(sample(refs[i], timestamps[i], values[i]) + " since " + starts[i]);
    }
  }

  @Override
  public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
    lines.add(histogramLine(ref, start, timestamp, histogram));
  }

  @Override
  public void exemplar(long ref, long timestamp, double value, byte[] bytes, int from, int length) {
    Labels labels = Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length));
    lines.add(exemplarLine(ref, timestamp, value, labels));
  }

  @Override
  public void metadata(
      long ref,
      int type,
      byte[] bytes,
      int unitFrom,
      int unitLength,
      int helpFrom,
      int helpLength) {
    lines.add(
        metadataLine(
            ref,
            WalDecoder.metricType(type),
            Utf8.text(bytes, unitFrom, unitLength),
            Utf8.text(bytes, helpFrom, helpLength)));
  }

  @Override
  public void mmapMarker(long ref, long chunkRef) {
    lines.add("marker " + ref + " " + chunkRef);
  }

  @Override
  public void minValidTime(long time) {
    minValidTime = time;
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

  static String histogramLine(long ref, long start, long time, SpanHistogram histogram) {
    String kind = histogram.floats() ? "floats " : "whole ";
    String bits = Long.toHexString(Double.doubleToRawLongBits(histogram.sum()));
    return "histogram " + ref + " " + time + " since " + start + " " + kind + bits + histogram;
  }

  static String exemplarLine(long ref, long time, double value, Labels labels) {
    return "exemplar " + ref + " " + time + " " + value + " " + labels;
  }

  static String metadataLine(long ref, MetricType type, String unit, String help) {
    return "metadata " + ref + " " + type + " unit=" + unit + " help=" + help;
  }

  static String tombstoneLine(long ref, long minTime, long maxTime) {
    return "tombstone " + ref + " " + minTime + " " + maxTime;
  }
}
