package io.narthex.server;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The file of {@code --web.config.file}. TLS and authentication are still to come, and a server
 * that was told to ask for passwords must not start without; a file that asks for nothing may be
 * there, as the Prometheus Operator always gives one.
 */
final class WebConfigFile {

  private WebConfigFile() {}

  /** What is wrong with the file in one line, or the empty text. */
  static String problem(String file) {
    if (file.isEmpty()) {
      return "";
    }
    try {
      Yaml.decode(Files.readString(Path.of(file)), WebConfigFile::check);
      return "";
    } catch (NoSuchFileException e) {
      return "open " + file + ": no such file or directory";
    } catch (IOException e) {
      return "read " + file + ": " + e.getMessage();
    } catch (YamlException e) {
      return file + ": " + e.getMessage();
    }
  }

  private static boolean check(YamlValue value) {
    YamlMap map = value.map("web.Config");
    map.notYet("tls_server_config", "basic_auth_users", "rate_limit");
    map.optional(
        "http_server_config",
        http -> {
          YamlMap inner = http.map("web.HTTPConfig");
          inner.bool("http2", true);
          inner.notYet("headers");
          inner.finish();
          return true;
        });
    map.finish();
    return true;
  }
}
