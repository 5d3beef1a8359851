package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.lifecycle.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the program says and ends with when it does not even start to serve. */
final class PrometheusRoleTest {

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return PrometheusRole.run(
        Machine.SYSTEM,
        List.of(arguments),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        router -> {},
        address -> {
          throw new AssertionError("it serves at " + address);
        });
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --x                                  | 1 | Error parsing command line arguments: unknown long flag '--x'
          --web.enable-lifecycl                | 1 | Error parsing command line arguments: unknown long flag '--web.enable-lifecycl' (did you mean '--web.enable-lifecycle'?)
          foo                                  | 1 | Error parsing command line arguments: unexpected foo
          --web.read-timeout=x                 | 2 | Error parsing command line arguments: not a valid duration string: "x"
          --query.max-samples=abc              | 2 | Error parsing command line arguments: strconv.ParseFloat: parsing "abc": invalid syntax
          --storage.tsdb.retention.size=x      | 2 | Error parsing command line arguments: units: invalid x
          --log.level=foo                      | 2 | Error parsing command line arguments: unrecognized log level foo
          --log.format=foo                     | 2 | Error parsing command line arguments: unrecognized log format foo
          --config.file=a --config.file=b      | 2 | Error parsing command line arguments: flag 'config.file' cannot be repeated
          --storage.agent.path=x               | 3 | The following flag(s) can only be used in agent mode: ["--storage.agent.path"]
          --agent --storage.tsdb.path=x        | 3 | The following flag(s) can not be used in agent mode: ["--storage.tsdb.path"]
          --agent                              | 1 | agent mode (--agent) is not supported by Narthex yet
          --auto-gomemlimit.ratio=2            | 1 | --auto-gomemlimit.ratio must be greater than 0 and less than or equal to 1.
          --web.search.max-limit=-1            | 1 | --web.search.max-limit must not be negative.
          --web.remote-write-receiver.accepted-protobuf-messages=x | 2 | Error parsing command line arguments: unknown type for remote write protobuf message x, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request
          --web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest --web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest | 2 | Error parsing command line arguments: duplicated prometheus.WriteRequest flag value, got prometheus.WriteRequest already
          --web.listen-address=foo             | 2 | parse external URL "": address foo: missing port in address
          --web.cors.origin=((                 | 2 | could not compile CORS regex string "((": error parsing regexp: missing closing ): `^(?s:(()$`
          --storage.tsdb.wal-segment-size=1MB  | 1 | flag 'storage.tsdb.wal-segment-size' must be set between 10MB and 256MB
          --web.max-connections=0              | 1 | flag 'web.max-connections' must be a positive number
          """)
  void wrongCommandLinesAreOneLine(String arguments, int code, String line) {
    assertThat(run(arguments.split(" "))).isEqualTo(code);
    assertThat(said()).isEqualTo(line + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                             | st-storage
          storage: {tsdb: {chunk_encoding: {floats: xor}}} | st-storage,xor2-encoding
          """)
  void startTimestampsNeedChunksThatHoldThem(String config, String features) throws IOException {
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, config);
    assertThat(
            run(
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--enable-feature=" + features))
        .isEqualTo(1);
    assertThat(said())
        .contains("Opening storage failed")
        .contains("'storage.tsdb.chunk_encoding.floats' to 'xor2'");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void helpVersionAndCompletionGoToStandardOutput() {
    assertThat(run("--help")).isZero();
    assertThat(run("--version")).isZero();
    assertThat(run("--completion-script-bash")).isZero();
    assertThat(run("--completion-bash")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("usage: prometheus")
        .contains(
            "prometheus, version 3.14.0 (branch: narthex, revision: narthex-0.1.0-SNAPSHOT)\n")
        .contains("  go version:       java25")
        .contains("  tags:             narthex 0.1.0-SNAPSHOT\n")
        .contains("complete -F _prometheus_bash_autocomplete -o default prometheus")
        .contains("--storage.tsdb.path\n");
    assertThat(said()).isEmpty();
  }

  private int serve(String yaml, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("prometheus.yml"), yaml);
    String[] arguments = new String[more.length + 3];
    arguments[0] = "--config.file=" + file;
    arguments[1] = "--storage.tsdb.path=" + folder.resolve("data");
    arguments[2] = "--web.listen-address=127.0.0.1:0";
    System.arraycopy(more, 0, arguments, 3, more.length);
    return run(arguments);
  }

  private List<String> errors() {
    return said().lines().filter(line -> line.contains("level=ERROR")).toList();
  }

  @Test
  void aBrokenConfigurationIsOneLineAndTwo() throws IOException {
    assertThat(serve("global: {scrape_intervall: 1s}\n")).isEqualTo(2);
    Path file = folder.resolve("prometheus.yml");
    assertThat(errors())
        .singleElement()
        .asString()
        .contains(
            "msg=\"Error loading config (--config.file=" + file + ")\" file=" + file,
            "err=\"parsing YAML file "
                + file
                + ": yaml: unmarshal errors:\\n  line 1: field scrape_intervall not found in type"
                + " config.plain (did you mean \\\"scrape_interval\\\"?)\"");
  }

  @ParameterizedTest
  @CsvSource({
    "query_log_file, query log: open",
    "scrape_failure_log_file, can't create json log file: open"
  })
  void aLogThatCannotBeOpenedEndsTheProgram(String key, String message) throws IOException {
    String job = "\nscrape_configs: [{job_name: a, static_configs: [{targets: ['127.0.0.1:1']}]}]";
    assertThat(serve("global: {" + key + ": absent/x.log}" + job)).isEqualTo(2);
    assertThat(errors())
        .singleElement()
        .asString()
        .contains("Error loading config", message + " " + folder.resolve("absent/x.log"));
  }

  @Test
  void anAbsentConfigurationIsOneLineAndTwo() {
    assertThat(run("--config.file=" + folder.resolve("absent.yml"))).isEqualTo(2);
    assertThat(errors())
        .singleElement()
        .asString()
        .contains("absent.yml: no such file or directory");
  }

  @Test
  void aTakenPortIsOneLineAndOne() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      Path file = Files.writeString(folder.resolve("prometheus.yml"), "");
      assertThat(
              run(
                  "--config.file=" + file,
                  "--storage.tsdb.path=" + folder.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port))
          .isEqualTo(1);
      assertThat(errors())
          .singleElement()
          .asString()
          .contains(
              "msg=\"Unable to start web listener\" err=\"listen tcp 127.0.0.1:"
                  + port
                  + ": bind: address already in use\"");
    }
  }

  @Test
  void aWebConfigurationThatIsWrongEndsTheProgram() throws IOException {
    Path web = Files.writeString(folder.resolve("web.yml"), "basic_auth_users: {admin: x}\n");
    assertThat(serve("", "--web.config.file=" + web)).isEqualTo(1);
    assertThat(errors())
        .singleElement()
        .asString()
        .contains(
            "msg=\"Unable to validate web configuration file\"",
            "web.yml: crypto/bcrypt: hashedSecret too short to be a bcrypted password");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                     | ''
          {}                                     | ''
          http_server_config: {http2: false}     | ''
          tls_server_config: {cert_file: a}      | missing one of key or key_file
          http_server_config: {headers: {a: b}}  | HTTP header "a" can not be configured
          tls_config: {}                         | yaml: unmarshal errors:;  line 1: field tls_config not found in type web.Config
          """)
  void webConfigurationsAreChecked(String yaml, String problem) throws IOException {
    Path web = Files.writeString(folder.resolve("web.yml"), yaml);
    assertThat(WebConfigFile.problem(web.toString()))
        .startsWith(problem.isEmpty() ? "" : web + ": " + problem.replace(';', '\n'))
        .matches(said -> said.isEmpty() == problem.isEmpty());
  }
}
