package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;

/**
 * Name and password; each given or in a file, which is read for every request. Empty where not
 * given.
 */
public record BasicAuth(
    String username, String usernameFile, String password, String passwordFile) {

  static BasicAuth decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    BasicAuth auth =
        new BasicAuth(
            map.text("username", ""),
            map.file("username_file"),
            map.text("password", ""),
            map.file("password_file"));
    map.notYet("username_ref", "password_ref");
    map.finish();
    if (!auth.username.isEmpty() && !auth.usernameFile.isEmpty()) {
      throw map.self()
          .error(
              "at most one of basic_auth username, username_file & username_ref must be configured");
    }
    if (!auth.password.isEmpty() && !auth.passwordFile.isEmpty()) {
      throw map.self()
          .error(
              "at most one of basic_auth password, password_file & password_ref must be configured");
    }
    return auth;
  }

  void write(YamlWriter.Map out) {
    out.put("username", username);
    out.text("username_file", usernameFile);
    out.secret("password", password);
    out.text("password_file", passwordFile);
  }
}
