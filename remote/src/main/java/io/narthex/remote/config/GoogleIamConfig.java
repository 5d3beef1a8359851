package io.narthex.remote.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;

/**
 * How tokens for Google Cloud are obtained.
 *
 * @param credentialsFile the key of a service account, empty for what the environment offers
 */
public record GoogleIamConfig(String credentialsFile) {

  static GoogleIamConfig decode(YamlValue value) {
    YamlMap map = value.map("googleiam.Config");
    GoogleIamConfig config = new GoogleIamConfig(map.file("credentials_file"));
    map.finish();
    return config;
  }

  void write(YamlWriter.Map out) {
    out.text("credentials_file", credentialsFile);
  }
}
