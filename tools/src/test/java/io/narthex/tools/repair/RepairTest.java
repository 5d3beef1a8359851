package io.narthex.tools.repair;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Matcher;
import io.narthex.testkit.Conformance;
import io.narthex.testkit.Peers;
import io.narthex.tools.Directories;
import io.narthex.tools.Directories.Said;
import io.narthex.tools.promtool.Promtool;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is broken is found and mended, and then both programs read all that is sound. */
final class RepairTest {

  private static final int PER_TIME = 30;
  private static final int MOST_IN_CHUNK = 240;

  @TempDir static Path folder;
  private static Path whole = Path.of("");
  private static Set<String> lines = Set.of();
  private static int copies;

  private Path data = Path.of("");

  @BeforeAll
  static void build() {
    whole = folder.resolve("whole");
    lines = Directories.build(whole);
  }

  @BeforeEach
  void copy() {
    data = folder.resolve("copy" + copies++);
    Directories.copy(whole, data);
  }

  private Said repair(String... flags) {
    String[] all = new String[flags.length + 2];
    all[0] = "repair";
    System.arraycopy(flags, 0, all, 1, flags.length);
    all[all.length - 1] = data.toString();
    return Directories.run(TsdbCommand::run, all);
  }

  /** What both programs read; both the same. */
  private Set<String> dump() throws Exception {
    Said ours = Directories.run(Promtool::run, "tsdb", "dump", data.toString());
    assertThat(ours.err()).isEmpty();
    return dump(ours);
  }

  private Set<String> dump(Said ours) throws Exception {
    assertThat(ours.code()).isZero();
    Set<String> read = new HashSet<>(ours.lines());
    assertThat(ours.lines()).hasSize(read.size());
    Peers.Result theirs = Peers.run("promtool35", "tsdb", "dump", data.toString());
    assertThat(theirs.exitCode()).describedAs(theirs.err()).isZero();
    // What is in head chunks and not in the log only the server reads.
    assertAllIn(theirs.out().lines().toList(), read, "promtool");
    return read;
  }

  private static void assertAllIn(Collection<String> part, Set<String> all, String where) {
    Set<String> more = new HashSet<>(part);
    more.removeAll(all);
    assertThat(more).describedAs(where).isEmpty();
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> rest = new HashSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 0x10;
    Files.write(file, bytes);
  }

  private Path block() {
    return Directories.blocks(data).getFirst();
  }

  /** Mends what is wrong; a second run then finds nothing. */
  private Said mend(int code) {
    Map<String, String> before = Directories.tree(data);
    Said looked = repair("--dry-run");
    assertThat(looked.code()).describedAs(looked.out() + looked.err()).isEqualTo(1);
    assertThat(Directories.tree(data)).isEqualTo(before);
    Said said = repair();
    assertThat(said.code()).describedAs(said.out() + said.err()).isEqualTo(code);
    assertThat(said.err()).isEmpty();
    Said again = repair();
    assertThat(again.out()).contains("nothing is wrong");
    assertThat(again.code()).isZero();
    return said;
  }

  private boolean isAside(String end) throws IOException {
    try (var all = Files.walk(data.resolve(Repair.ASIDE))) {
      return all.anyMatch(path -> path.toString().endsWith(end));
    }
  }

  @Test
  void nothingIsWrong() throws Exception {
    Map<String, String> before = Directories.tree(data);
    for (String[] flags : List.of(new String[] {"--dry-run"}, new String[0])) {
      Said said = repair(flags);
      assertThat(said.err()).isEmpty();
      assertThat(said.code()).describedAs(said.out()).isZero();
      assertThat(said.out())
          .startsWith("lock: free\nleftovers of interrupted runs: none\nwrite-ahead log: ")
          .contains("checkpoint ")
          .endsWith("blocks: " + Directories.blocks(data).size() + "\nnothing is wrong\n");
      assertThat(Directories.tree(data)).isEqualTo(before);
    }
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void aDirectoryInUseIsRefused() {
    try (Database database = Directories.open(data)) {
      assertThat(database.isReady()).isTrue();
      for (String[] flags : List.of(new String[] {"--dry-run"}, new String[0])) {
        Said said = repair(flags);
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("in use by another process");
        assertThat(said.out()).isEmpty();
      }
    }
  }

  @Test
  void thereIsNoDirectory() {
    data = folder.resolve("nothing");
    assertThat(repair().code()).isEqualTo(1);
    assertThat(repair("--dry-run").err()).contains("no data directory at");
    assertThat(Directories.run(TsdbCommand::run, "mend").code()).isEqualTo(1);
    Said help = Directories.run(TsdbCommand::run, "repair", "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("--[no-]dry-run");
  }

  private List<Path> segments() {
    return Directories.files(data.resolve("wal")).stream()
        .filter(file -> data.resolve("wal").equals(file.getParent()))
        .filter(file -> file.toFile().length() > 1000)
        .toList();
  }

  private static Set<String> times(Set<String> some) {
    return some.stream()
        .map(line -> line.substring(line.lastIndexOf(' ')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aBrokenRecordOfTheLog() throws Exception {
    Path segment = segments().get(segments().size() / 2);
    flip(segment, segment.toFile().length() / 2 + 100);
    Said said = mend(0);
    assertThat(said.out()).contains("corruption in segment " + segment).contains("taken out: ");
    assertThat(isAside("wal/" + segment.getFileName())).isTrue();
    Set<String> lost = without(lines, dump());
    assertThat(lost.size()).isLessThanOrEqualTo(PER_TIME);
    assertThat(times(lost).size()).isLessThanOrEqualTo(1);
  }

  @Test
  void aRecordThatDoesNotSayThatItIsCompressed() throws Exception {
    Path segment = segments().get(segments().size() / 2);
    byte[] bytes = Files.readAllBytes(segment);
    assertThat(bytes[0]).isIn((byte) 9, (byte) 10);
    bytes[0] ^= 8;
    Files.write(segment, bytes);
    assertThat(mend(0).out()).contains("the record is compressed and does not say so");
    assertThat(dump()).isEqualTo(lines);
    Peers.Result theirs = Peers.run("promtool35", "tsdb", "dump", data.toString());
    assertThat(new HashSet<>(theirs.out().lines().toList())).isEqualTo(lines);
  }

  @Test
  void aTornRecordOfTheLog() throws Exception {
    Path segment = segments().getLast();
    byte[] bytes = Files.readAllBytes(segment);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--; // the rest of the page
    }
    Files.write(segment, Arrays.copyOf(bytes, end - 3));
    assertThat(mend(0).out()).contains("torn record in segment " + segment);
    Set<String> lost = without(lines, dump());
    assertThat(times(lost)).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aMissingSegmentOfTheLog() throws Exception {
    Path segment = segments().get(segments().size() / 2);
    Files.delete(segment);
    assertThat(mend(0).out()).contains("segments are missing");
    assertAllIn(dump(), lines, "");
  }

  @Test
  void aBrokenCheckpoint() throws Exception {
    Path file =
        Directories.files(data.resolve("wal")).stream()
            .filter(f -> f.toString().contains("checkpoint.") && f.toFile().length() > 0)
            .findFirst()
            .orElseThrow();
    flip(file, 100);
    assertThat(mend(0).out()).contains("corruption in segment " + file);
    Said ours = Directories.run(Promtool::run, "tsdb", "dump", data.toString());
    assertThat(ours.err()).contains("samples of unknown series"); // whose names are lost
    Set<String> read = dump(ours);
    assertAllIn(read, lines, "");
    // The blocks are as they were.
    assertThat(read.size()).isGreaterThan(lines.size() / 2);
  }

  @Test
  void aBrokenOutOfOrderLog() throws Exception {
    Path log = Files.createDirectory(data.resolve("wbl"));
    Path segment = log.resolve("00000000");
    Files.copy(segments().getFirst(), segment);
    flip(segment, segment.toFile().length() / 2 + 100);
    assertThat(mend(0).out()).contains("out-of-order log: 1 segments").contains(segment.toString());
    assertThat(isAside("wbl/00000000")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 0.999})
  void brokenHeadChunks(double where) throws Exception {
    List<Path> files = Directories.files(data.resolve("chunks_head"));
    Path file = files.getFirst();
    flip(file, (long) (where * file.toFile().length()));
    assertThat(mend(0).out()).contains("head chunk file " + file);
    assertThat(isAside("chunks_head/" + file.getFileName())).isTrue();
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void aBrokenChunkOfABlock() throws Exception {
    Path block = block();
    Path file = block.resolve("chunks/000001");
    flip(file, file.toFile().length() / 2);
    Said said = mend(0);
    assertThat(said.out()).contains("1 chunks are lost").contains("checksum mismatch");
    assertThat(isAside(String.valueOf(block.getFileName()))).isTrue();
    assertThat(Directories.blocks(data)).doesNotContain(block);
    Set<String> lost = without(lines, dump());
    assertThat(lost).isNotEmpty().hasSizeLessThanOrEqualTo(MOST_IN_CHUNK);
    assertThat(lost.stream().map(line -> line.substring(0, line.indexOf('}'))).distinct())
        .hasSize(1);
  }

  @Test
  void aBrokenHeaderOfAChunkFile() throws Exception {
    flip(block().resolve("chunks/000001"), 1);
    assertThat(mend(0).out()).contains("the header is broken").contains("0 chunks are lost");
    assertThat(dump()).isEqualTo(lines);
  }

  /** Where the sections of an index begin, by their place in the table of contents. */
  private static long section(Path index, int number) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(index));
    return bytes.getLong(bytes.capacity() - 52 + 8 * number);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 2, 3, 5})
  void anIndexWithABrokenTable(int section) throws Exception {
    Path index = block().resolve("index");
    if (section == 0) {
      flip(index, 0); // the magic number
    } else {
      flip(index, section(index, section) + 9);
    }
    assertThat(mend(0).out()).contains("0 chunks are lost");
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void anIndexWithABrokenTableOfContents() throws Exception {
    Path index = block().resolve("index");
    flip(index, index.toFile().length() - 20);
    mend(0);
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void anIndexWithABrokenSeries() throws Exception {
    Path index = block().resolve("index");
    flip(index, section(index, 1) + 30);
    assertThat(mend(0).out()).contains("of 29 series are sound");
    Set<String> lost = without(lines, dump());
    assertThat(lost.stream().map(line -> line.substring(0, line.indexOf('}'))).distinct())
        .hasSize(1);
    assertThat(lost.size()).isLessThanOrEqualTo((int) (Directories.RANGE / Directories.STEP));
  }

  @Test
  void anIndexWithBrokenSymbolsIsSetAside() throws Exception {
    Path block = block();
    flip(block.resolve("index"), 20);
    assertThat(mend(1).out()).contains("set aside as it is");
    assertThat(isAside(block.getFileName() + "/chunks/000001")).isTrue();
    Set<String> read = dump();
    assertAllIn(read, lines, "");
    assertThat(read.size()).isGreaterThan(lines.size() / 3);
  }

  @Test
  void aBlockWithoutMeta() throws Exception {
    Files.delete(block().resolve("meta.json"));
    assertThat(mend(0).out()).contains("meta.json written anew");
    assertThat(dump()).isEqualTo(lines);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"minTime\": 1=\"minTime\": 2",
        "\"maxTime\": 1=\"maxTime\": 9",
        "\"numSeries\": =\"numSeries\": 1",
        "\"ulid\": \"0=\"ulid\": \"1",
        "\"version\": 1=\"version\": 7",
        "{={{",
      })
  void aMetaThatIsWrong(String change) throws Exception {
    Path meta = block().resolve("meta.json");
    String text = Files.readString(meta);
    int equals = change.indexOf('=');
    String changed = text.replace(change.substring(0, equals), change.substring(equals + 1));
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(meta, changed);
    mend(0);
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void brokenTombstones() throws Exception {
    try (Database database = Directories.open(data)) {
      database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("series", "3")));
    }
    Path stones = block().resolve("tombstones");
    flip(stones, stones.toFile().length() - 5);
    assertThat(mend(0).out()).contains("what they deleted shows again");
    assertThat(isAside("tombstones")).isTrue();
    Set<String> read = dump();
    assertAllIn(read, lines, "");
    assertThat(read).anyMatch(line -> line.contains("series=\"3\""));
  }

  @Test
  void whatWasDeletedStaysSoWhenABlockIsWrittenAnew() throws Exception {
    try (Database database = Directories.open(data)) {
      database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("series", "3")));
    }
    flip(block().resolve("chunks/000001"), 100);
    mend(0);
    Set<String> read = dump();
    assertThat(read).isNotEmpty().noneMatch(line -> line.contains("series=\"3\""));
    assertThat(without(without(lines, read), deleted("3"))).hasSizeLessThanOrEqualTo(MOST_IN_CHUNK);
  }

  private static Set<String> deleted(String series) {
    return lines.stream()
        .filter(line -> line.contains("series=\"" + series + "\""))
        .collect(Collectors.toSet());
  }

  @Test
  void leftovers() throws Exception {
    for (String name :
        List.of(
            "01BZJ9WJQPWHGNC2W4J9TA62KC.tmp-for-creation/x",
            "01BZJ9WJQPWHGNC2W4J9TA62KD.tmp-for-deletion/x",
            "01BZJ9WJQPWHGNC2W4J9TA62KE.tmp/x",
            "wal/checkpoint.00000077.tmp/x",
            "wal/00000001.repair",
            "chunk_snapshot.000001.0000000001.tmp/x",
            "head_image.000001.0000000001.tmp/x",
            "tmp_dbro_sandbox123/x")) {
      Path file = data.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }
    Files.writeString(data.resolve("lock"), "");
    Said said = mend(0);
    assertThat(said.out())
        .startsWith("lock: left by a run that did not stop cleanly\n")
        .contains("leftovers of interrupted runs: 8")
        .contains("wal/checkpoint.00000077.tmp: removed");
    assertThat(Directories.tree(data)).isEqualTo(Directories.tree(whole));
  }

  @Test
  void aBrokenSnapshotOfTheHead() throws Exception {
    Path snapshot = Files.createDirectory(data.resolve("chunk_snapshot.000001.0000000100"));
    Files.writeString(snapshot.resolve("00000000"), "nothing that is a record of a snapshot");
    assertThat(mend(0).out()).contains("the log has what is in it; it is set aside");
    assertThat(dump()).isEqualTo(lines);
  }

  @Test
  void aBrokenImageOfTheHead() throws Exception {
    Path image = Files.createDirectory(data.resolve("head_image.000001.0000000100"));
    Files.writeString(image.resolve("00000000"), "nothing that is a record of an image");
    assertThat(mend(0).out())
        .contains("images of the head: 1\n")
        .contains("the log has what is in it; it is set aside");
    assertThat(dump()).isEqualTo(lines);
  }

  /** What lies behind a mended record has another place then, and images begin at places. */
  @Test
  void imagesOfALogThatIsMended() throws Exception {
    Path image = Files.createDirectory(data.resolve("head_image.000001.0000000100"));
    Path segment = segments().get(segments().size() / 2);
    flip(segment, segment.toFile().length() / 3);
    mend(0);
    assertThat(image).doesNotExist();
  }

  /** Blocks of older formats are sound as they are. */
  @Test
  void anIndexOfTheFirstVersion() throws Exception {
    data = Files.createDirectory(folder.resolve("old"));
    Path block = data.resolve("01DXXFZDYD1MQW6079WK0K6EDQ");
    Directories.copy(Conformance.path("tsdb/index_format_v1"), block);
    Said said = repair("--dry-run");
    assertThat(said.out()).contains("blocks: 1\nnothing is wrong");
    // A list of series is found broken there too, and the series are saved.
    Path index = block.resolve("index");
    Path changed = Files.copy(index, folder.resolve("index.copy"));
    Files.delete(index);
    Files.copy(changed, index);
    flip(index, section(index, 5) + 9);
    assertThat(repair().code()).isZero();
    assertThat(repair().out()).contains("nothing is wrong");
  }

  /** Everything at once, and then the real server opens it. */
  @Test
  void theServerOpensWhatIsMended() throws Exception {
    Path program = Peers.program("prometheus35");
    Path segment = segments().get(segments().size() / 2);
    flip(segment, segment.toFile().length() / 3);
    Path head = Directories.files(data.resolve("chunks_head")).getFirst();
    flip(head, head.toFile().length() / 2);
    List<Path> blocks = Directories.blocks(data);
    flip(blocks.getFirst().resolve("chunks/000001"), 300);
    Files.writeString(blocks.getLast().resolve("meta.json"), "");
    mend(0);
    Set<String> read = dump();
    assertThat(without(lines, read).size()).isLessThanOrEqualTo(MOST_IN_CHUNK + PER_TIME);

    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = Files.writeString(folder.resolve("empty.yml"), "");
    Path log = folder.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      URI address = URI.create("http://127.0.0.1:" + port);
      for (int i = 0; i < 600 && status(address.resolve("/-/ready")) != 200; i++) {
        LockSupport.parkNanos(100_000_000);
      }
      long end = (Directories.T0 + 4 * Directories.RANGE) / 1000;
      String query =
          URLEncoder.encode(
              "sum(count_over_time({__name__=~\".+\"}[10h]))", StandardCharsets.UTF_8);
      String answer = get(address.resolve("/api/v1/query?query=" + query + "&time=" + end)).body();
      assertThat(answer).contains(",\"" + read.size() + "\"]");
      assertThat(Files.readString(log)).doesNotContain("level=ERROR").doesNotContain("corrupt");
    } finally {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static int status(URI address) {
    try {
      return get(address).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private static HttpResponse<String> get(URI address) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Any byte of any file: nothing is invented, both programs open it, a second run is content. */
  @Test
  void anyByte() throws Exception {
    long seed = Long.getLong("narthex.seed", 20_260_101L);
    Random random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      Path copy = folder.resolve("any" + i);
      Directories.copy(whole, copy);
      data = copy;
      List<Path> files =
          Directories.files(copy).stream().filter(file -> file.toFile().length() > 0).toList();
      Path file = files.get(random.nextInt(files.size()));
      byte[] bytes = Files.readAllBytes(file);
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      String where = "seed " + seed + ", run " + i + ": " + file + " at " + at;
      Said said = repair();
      assertThat(said.err()).describedAs(where).isEmpty();
      assertThat(repair().out()).describedAs(where + said.out()).contains("nothing is wrong");
      assertAllIn(dump(), lines, where);
      Disk.SYSTEM.deleteTree(copy);
    }
  }
}
