package io.narthex.tsdb.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.base.file.MappedFile;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

class IndexTest {

  @TempDir Path folder;
  private int mapped;

  @BeforeEach
  void countMappings() {
    mapped = MappedFile.openCount();
  }

  @AfterEach
  void nothingStaysMapped() {
    assertThat(MappedFile.openCount()).as("mapped: %s", MappedFile.openFiles()).isEqualTo(mapped);
  }

  /** What is written, by labels: minTime, maxTime, ref of each chunk. */
  private static TreeMap<Labels, List<long[]>> randomSeries(long seed, int count) {
    Random random = new Random(seed);
    TreeMap<Labels, List<long[]>> all = new TreeMap<>();
    while (all.size() < count) {
      List<String> pairs = new ArrayList<>();
      pairs.add("__name__");
      pairs.add("metric_" + random.nextInt(7));
      for (String name : new String[] {"a", "instance", "job", "longer_name", "ünï"}) {
        if (random.nextInt(4) > 0) {
          pairs.add(name);
          int values = name.equals("instance") ? 300 : 5;
          pairs.add(name + "-é-" + "x".repeat(random.nextInt(200)) + random.nextInt(values));
        }
      }
      all.put(Labels.of(pairs.toArray(String[]::new)), new ArrayList<>());
    }
    long ref = 8;
    for (List<long[]> chunks : all.values()) {
      long time = -1000 + random.nextInt(2000);
      for (int i = random.nextInt(5); i > 0; i--) {
        long end = time + random.nextInt(3) * 500L;
        chunks.add(new long[] {time, end, ref});
        time = end + 1 + random.nextInt(1000);
        ref += 20 + random.nextInt(500);
        ref += random.nextInt(200) == 0 ? 1L << 32 : 0;
      }
    }
    return all;
  }

  private Path write(TreeMap<Labels, List<long[]>> all) {
    Path file = folder.resolve("index");
    try (IndexWriter writer = new IndexWriter(Disk.SYSTEM, file)) {
      ChunkMetas metas = new ChunkMetas();
      all.forEach((labels, chunks) -> {
        metas.clear();
        chunks.forEach(c -> metas.add(c[0], c[1], c[2]));
        writer.addSeries(labels, metas);
      });
      writer.finish();
    }
    assertThat(Disk.SYSTEM.list(folder)).containsExactly(file);
    return file;
  }

  @Test
  void whatIsWrittenIsRead() {
    TreeMap<Labels, List<long[]>> all = randomSeries(1, 2000);
    try (IndexReader index = IndexReader.open(Disk.SYSTEM, write(all))) {
      assertThat(index.version()).isEqualTo(2);
      RoaringBitmap everything = index.allSeries();
      assertThat(everything.getCardinality()).isEqualTo(all.size());
      SeriesEntry entry = index.entry();
      ChunkMetas metas = new ChunkMetas();
      int i = 0;
      int[] refs = everything.toArray();
      for (Labels labels : all.keySet()) {
        List<long[]> chunks = all.get(labels);
        assertThat(entry.read(refs[i]).labels()).isEqualTo(labels);
        entry.read(refs[i]).chunks(metas);
        assertThat(metas.size()).isEqualTo(chunks.size());
        for (int c = 0; c < metas.size(); c++) {
          assertThat(new long[] {metas.minTime(c), metas.maxTime(c), metas.ref(c)})
              .isEqualTo(chunks.get(c));
        }
        for (long from = -1500; from < 3000; from += 250) {
          long start = from;
          long end = from + 100;
          boolean expected = chunks.stream().anyMatch(c -> c[0] <= end && c[1] >= start);
          assertThat(entry.read(refs[i]).overlaps(start, end)).isEqualTo(expected);
        }
        i++;
      }
    }
  }

  @Test
  void namesAndValuesAreSorted() {
    TreeMap<Labels, List<long[]>> all = randomSeries(2, 1000);
    TreeMap<String, TreeSet<String>> expected = new TreeMap<>(Utf8::compare);
    all.keySet()
        .forEach(labels ->
            labels.forEach((name, value) ->
                expected.computeIfAbsent(name, k -> new TreeSet<>(Utf8::compare)).add(value)));
    try (IndexReader index = IndexReader.open(Disk.SYSTEM, write(all))) {
      assertThat(index.labelNames()).containsExactlyElementsOf(expected.keySet());
      expected.forEach((name, values) -> {
        assertThat(index.labelValues(name)).containsExactlyElementsOf(values);
        assertThat(index.labelValueCount(name)).isEqualTo(values.size());
        for (String value : values) {
          List<Labels> found = labels(index, index.series(name, value));
          assertThat(found)
              .containsExactlyElementsOf(
                  all.keySet().stream().filter(l -> l.getOrEmpty(name).equals(value)).toList());
        }
        assertThat(index.series(name, "nope").isEmpty()).isTrue();
        assertThat(index.series(name, "").isEmpty()).isTrue();
        assertThat(index.series(name, "zzzzz").isEmpty()).isTrue();
      });
      assertThat(index.labelValues("nope")).isEmpty();
      assertThat(index.series("nope", "x").isEmpty()).isTrue();
      RoaringBitmap some = index.series("job");
      assertThat(index.labelNames(some)).contains("__name__", "job");
      assertThat(index.labelValues("job", some)).isEqualTo(index.labelValues("job"));
      assertThat(index.labelValues("job", new RoaringBitmap())).isEmpty();
    }
  }

  @Test
  void anyMatchersSelectWhatTheySay() {
    TreeMap<Labels, List<long[]>> all = randomSeries(3, 600);
    String[] names = {"__name__", "a", "instance", "job", "nope"};
    List<String> values =
        new ArrayList<>(
            List.of(
                "",
                "metric_1",
                "metric_1|metric_2",
                ".*",
                ".+",
                "metric_.",
                "a-é-.*1",
                "(?:metric_1|)",
                "a-é-1|",
                "job.*",
                "job-é-x+3",
                "instance-é-[^x].*",
                "metric_(1|2)",
                "metric_\\d",
                "m?etric_3",
                "nope"));
    // And some that there are.
    all.keySet().stream().limit(40).forEach(l -> l.forEach((name, value) -> values.add(value)));
    Random random = new Random(5);
    try (IndexReader index = IndexReader.open(Disk.SYSTEM, write(all))) {
      for (int i = 0; i < 500; i++) {
        List<Matcher> matchers = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
          matchers.add(
              new Matcher(
                  Matcher.Type.values()[random.nextInt(4)],
                  names[random.nextInt(names.length)],
                  values.get(random.nextInt(values.size()))));
        }
        List<Labels> expected =
            all.keySet().stream()
                .filter(l -> matchers.stream().allMatch(m -> m.matches(l.getOrEmpty(m.name()))))
                .toList();
        assertThat(labels(index, PostingsSelection.select(index, matchers)))
            .as(matchers.toString())
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void anExpressionIsReadOnlyAsFarAsItIsPlain() {
    assertThat(RegexShape.of("a|b\\.c|").literals()).containsExactly("a", "b.c", "");
    assertThat(RegexShape.of("(a|b)").literals()).containsExactly("a", "b");
    assertThat(RegexShape.of("(?:a|b)").literals()).containsExactly("a", "b");
    assertThat(RegexShape.of("").literals()).containsExactly("");
    assertThat(RegexShape.of("(?i)a").literals()).isNull();
    assertThat(RegexShape.of("(?i:a)").literals()).isNull();
    assertThat(RegexShape.of("(a)(b)").literals()).isNull();
    assertThat(RegexShape.of("a\\d").literals()).isNull();
    assertThat(RegexShape.of("host-.*").prefix()).isEqualTo("host-");
    assertThat(RegexShape.of("host-?").prefix()).isEqualTo("host");
    assertThat(RegexShape.of("host|guest.*").prefix()).isEmpty();
    assertThat(RegexShape.of("(?i)host.*").prefix()).isEmpty();
    assertThat(RegexShape.of("x\uD83D\uDE00*").prefix()).isEqualTo("x");
  }

  /** What follows the table may look like an entry of any length. */
  @Test
  void aValueBehindTheLastOneIsNotThere() {
    for (int count = 1; count < 100; count++) {
      TreeMap<Labels, List<long[]>> all = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        all.put(Labels.of("a", Integer.toString(1000 + i)), List.of());
      }
      try (IndexReader index = IndexReader.open(Disk.SYSTEM, write(all))) {
        assertThat(index.series("a", "~").isEmpty()).isTrue();
        assertThat(index.series("a", "0").isEmpty()).isTrue();
        assertThat(index.series("a", "1000").getCardinality()).isEqualTo(1);
      }
    }
  }

  @Test
  void anEmptyIndexIsAnIndex() {
    try (IndexReader index = IndexReader.open(Disk.SYSTEM, write(new TreeMap<>()))) {
      assertThat(index.allSeries().isEmpty()).isTrue();
      assertThat(index.labelNames()).isEmpty();
    }
  }

  @Test
  void theWrongOrderIsRefused() {
    try (IndexWriter writer = new IndexWriter(Disk.SYSTEM, folder.resolve("index"))) {
      ChunkMetas metas = new ChunkMetas();
      writer.addSeries(Labels.of("a", "2"), metas);
      assertThatThrownBy(() -> writer.addSeries(Labels.of("a", "1"), metas))
          .hasMessage(
              "out-of-order series added with label set {a=\"1\"}, last label set {a=\"2\"}");
      metas.add(10, 20, 8);
      metas.add(20, 30, 50);
      assertThatThrownBy(() -> writer.addSeries(Labels.of("a", "3"), metas))
          .hasMessage("chunk minT 20 is not higher than previous chunk maxT 20");
      metas.clear();
      metas.add(10, 9, 60);
      assertThatThrownBy(() -> writer.addSeries(Labels.of("a", "4"), metas))
          .hasMessage("chunk maxT 9 is less than minT 10");
      metas.clear();
      metas.add(10, 12, 8);
      assertThatThrownBy(() -> writer.addSeries(Labels.of("a", "5"), metas))
          .hasMessage("unsorted chunk reference: 8, previous: 60");
    }
  }

  @Test
  void aFlippedBitIsAnErrorOrChangesNothing() throws IOException {
    TreeMap<Labels, List<long[]>> all = randomSeries(4, 60);
    Path file = write(all);
    byte[] whole = Files.readAllBytes(file);
    List<String> expected = everything(file);
    Random random = new Random(9);
    int noticed = 0;
    for (int i = 0; i < 400; i++) {
      byte[] broken = whole.clone();
      broken[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, broken);
      try {
        assertThat(everything(file)).isEqualTo(expected);
      } catch (StorageException e) {
        assertThat(e).isInstanceOf(IndexException.class).hasMessageContaining(file.toString());
        noticed++;
      }
    }
    // The others hit padding, or the label indices, which nobody reads.
    assertThat(noticed).isGreaterThan(300);
  }

  @Test
  void aTruncatedIndexIsRefused() throws IOException {
    Path file = write(randomSeries(6, 20));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> IndexReader.open(Disk.SYSTEM, file).close())
          .isInstanceOf(IndexException.class);
    }
  }

  @Test
  void aFullDiskIsSaid() {
    FaultyDisk disk = new FaultyDisk();
    TreeMap<Labels, List<long[]>> all = randomSeries(7, 2000);
    try (IndexWriter writer = new IndexWriter(disk, folder.resolve("index"))) {
      all.keySet().forEach(labels -> writer.addSeries(labels, new ChunkMetas()));
      disk.room(100_000);
      assertThatThrownBy(writer::finish)
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("No space left on device");
    }
    assertThat(disk.openOutputs()).isZero();
  }

  private static List<Labels> labels(IndexReader index, RoaringBitmap series) {
    List<Labels> found = new ArrayList<>();
    SeriesEntry entry = index.entry();
    for (int ref : series.toArray()) {
      found.add(entry.read(ref).labels());
    }
    return found;
  }

  private static List<String> everything(Path file) {
    List<String> lines = new ArrayList<>();
    try (IndexReader index = IndexReader.open(Disk.SYSTEM, file)) {
      SeriesEntry entry = index.entry();
      ChunkMetas metas = new ChunkMetas();
      for (String name : index.labelNames()) {
        for (String value : index.labelValues(name)) {
          for (int ref : index.series(name, value).toArray()) {
            entry.read(ref).chunks(metas);
            lines.add(entry.labels() + " " + metas.size());
          }
        }
      }
      lines.add("" + index.allSeries().getCardinality());
    }
    return lines;
  }
}
