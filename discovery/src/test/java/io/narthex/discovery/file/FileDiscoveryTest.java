package io.narthex.discovery.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryAcceptance;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileDiscoveryTest extends DiscoveryAcceptance {

  @TempDir private Path folder;

  @BeforeEach
  void twoFiles() throws IOException {
    write("a.json", "[{\"targets\": [\"one:1\", \"two:1\"], \"labels\": {\"rack\": \"7\"}}]");
    write("b.yml", "- targets: ['three:1']\n");
    write("c.txt", "- targets: ['ignored:1']\n");
  }

  private void write(String name, String content) throws IOException {
    Path temporary = Files.writeString(folder.resolve("new"), content);
    Files.move(temporary, folder.resolve(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  protected DiscoveryConfig config() {
    return Yaml.decode("{files: ['*.json', '*.yml']}", folder, FileConfig::decode);
  }

  @Override
  protected Set<String> first() {
    return Set.of("one:1", "two:1", "three:1");
  }

  @Override
  protected Set<String> change() throws IOException {
    write("a.json", "[{\"targets\": [\"one:1\"]}, {\"targets\": [\"four:1\"]}]");
    write("d.json", "[{\"targets\": [\"five:1\"]}]");
    Files.delete(folder.resolve("b.yml"));
    return Set.of("one:1", "four:1", "five:1");
  }

  @Override
  protected boolean clear() throws IOException {
    Files.delete(folder.resolve("a.json"));
    write("b.yml", "");
    return true;
  }

  @Test
  void groupsSayWhichFileTheyAreFrom() {
    String file = folder.resolve("a.json").toString();
    assertThat(config().open(context).known())
        .contains(
            new TargetGroup(
                file + ":0",
                Labels.of("rack", "7", "__meta_filepath", file),
                List.of(Labels.of("__address__", "one:1"), Labels.of("__address__", "two:1"))));
  }

  @Test
  void aFileThatIsBrokenForAWhileKeepsItsTargetsAndIsUnderstoodAgain() throws IOException {
    Discovery discovery = config().open(context);
    String good = Files.readString(folder.resolve("a.json"));
    assertThat(discovery.known()).hasSize(2);
    write("a.json", "[{");
    assertThat(discovery.known()).isEmpty();
    write("a.json", good);
    assertThat(discovery.known()).isEmpty();
    write("a.json", good.replace("rack", "room"));
    assertThat(discovery.known())
        .singleElement()
        .satisfies(group -> assertThat(group.labels().get("room")).isEqualTo("7"));
  }

  @Test
  void changesAreSeenWithoutWaitingForTheInterval() throws Exception {
    Discovery discovery = config().open(context);
    discovery.known();
    LinkedBlockingQueue<List<TargetGroup>> updates = new LinkedBlockingQueue<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                discovery.run(updates::add);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    clock.awaitSleepers(1);
    write("e.yaml.yml", "- targets: ['six:1']\n");
    // The fake clock stands still: only the watch can bring this.
    List<TargetGroup> update = updates.poll(30, TimeUnit.SECONDS);
    thread.interrupt();
    thread.join();
    assertThat(update).isNotNull();
    assertThat(update.getFirst().targets()).containsExactly(Labels.of("__address__", "six:1"));
  }

  @Test
  void aBrokenFileKeepsWhatItGaveBeforeAndIsCounted() throws IOException {
    FileDiscovery discovery = new FileDiscovery((FileConfig) config(), context);
    assertThat(discovery.known()).hasSize(2);
    write("a.json", "[{\"targets\": [");
    assertThat(discovery.known()).isEmpty();
    write("a.json", "[{\"targts\": []}]");
    assertThat(discovery.known()).isEmpty();
    write("a.json", "[null]");
    assertThat(discovery.known()).isEmpty();
    assertThat(errors()).isEqualTo(3);
    Files.delete(folder.resolve("a.json"));
    assertThat(discovery.known())
        .singleElement()
        .satisfies(group -> assertThat(group.targets()).isEmpty());
  }

  private double errors() {
    return registry.scrape(name -> name.startsWith("prometheus_sd_file_read_errors")).stream()
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void defaultsAndKeys() {
    assertThat(Yaml.decode("{files: [a.json]}", FileConfig::decode))
        .isEqualTo(new FileConfig(List.of("a.json"), Duration.ofMinutes(5)));
    FileConfig config =
        Yaml.decode(
            "{files: [a/*.json, /b.yml], refresh_interval: 30s}",
            Path.of("/etc"),
            FileConfig::decode);
    assertThat(config)
        .isEqualTo(new FileConfig(List.of("/etc/a/*.json", "/b.yml"), Duration.ofSeconds(30)));
    assertThat(YamlWriter.print(config::write))
        .isEqualTo("files:\n- /etc/a/*.json\n- /b.yml\nrefresh_interval: 30s\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null                                  | empty or null section in file_sd_configs (line 1)
          {}                                    | file service discovery config must contain at least one path name (line 1)
          {files: [a]}                          | path name "a" is not valid for file discovery (line 1)
          {files: [a/*/b.json]}                 | path name "a/*/b.json" is not valid for file discovery (line 1)
          {files: [a.json], refresh_interval: x} | not a valid duration string: "x" (line 1)
          {files: a}                            | yaml: unmarshal errors:;  line 1: cannot unmarshal !!str `a` into []string
          {files: [a.json], interval: 1s}       | yaml: unmarshal errors:;  line 1: field interval not found in type file.plain
          """)
  void wrongConfigurations(String yaml, String message) {
    assertThatThrownBy(() -> Yaml.decode(yaml, FileConfig::decode))
        .hasMessage(message.replace(';', '\n'));
  }
}
