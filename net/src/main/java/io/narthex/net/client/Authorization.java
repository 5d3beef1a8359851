package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.Locale;

/**
 * An Authorization header: a type and credentials, given or in a file, which is read for every
 * request. Empty where not given.
 */
public record Authorization(String type, String credentials, String credentialsFile) {

  static Authorization decode(YamlValue value) {
    YamlMap map = value.map("config.Authorization");
    String type = map.text("type", "").strip();
    Authorization authorization =
        new Authorization(
            type.isEmpty() ? "Bearer" : type,
            map.text("credentials", ""),
            map.file("credentials_file"));
    map.notYet("credentials_ref");
    map.finish();
    if (!authorization.credentials.isEmpty() && !authorization.credentialsFile.isEmpty()) {
      throw value.error(
          "at most one of authorization credentials & credentials_file must be configured");
    }
    if (authorization.type.toLowerCase(Locale.ROOT).equals("basic")) {
      throw value.error(
          "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
    }
    return authorization;
  }

  void write(YamlWriter.Map out) {
    out.text("type", type);
    out.secret("credentials", credentials);
    out.text("credentials_file", credentialsFile);
  }
}
