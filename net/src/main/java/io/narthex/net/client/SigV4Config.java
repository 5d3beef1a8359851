package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;

/**
 * How requests to AWS are signed. What is not given is looked up as AWS' own programs do:
 * environment, shared files, the machine's role. Empty where not given.
 *
 * @param service the service's name in the signature; {@code aps} for remote write
 * @param useFipsStsEndpoint whether a role is assumed at the endpoint of FIPS 140
 */
public record SigV4Config(
    String region,
    String accessKey,
    String secretKey,
    String profile,
    String roleArn,
    String externalId,
    String service,
    boolean useFipsStsEndpoint) {

  /** Reads a {@code sigv4} section. */
  public static SigV4Config decode(YamlValue value) {
    YamlMap map = value.map("sigv4.plain");
    SigV4Config config =
        new SigV4Config(
            map.text("region", ""),
            map.text("access_key", ""),
            map.text("secret_key", ""),
            map.text("profile", ""),
            map.text("role_arn", ""),
            map.text("external_id", ""),
            map.text("service", ""),
            map.bool("use_fips_sts_endpoint", false));
    map.finish();
    if (config.accessKey.isEmpty() != config.secretKey.isEmpty()) {
      throw value.error(
          "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the"
              + " SigV4 config");
    }
    if (!config.externalId.isEmpty() && config.roleArn.isEmpty()) {
      throw value.error("external_id can only be used with role_arn");
    }
    return config;
  }

  /** Writes the keys. */
  public void write(YamlWriter.Map out) {
    out.text("region", region);
    out.text("access_key", accessKey);
    out.secret("secret_key", secretKey);
    out.text("profile", profile);
    out.text("role_arn", roleArn);
    out.text("external_id", externalId);
    out.text("service", service);
    out.flag("use_fips_sts_endpoint", useFipsStsEndpoint);
  }
}
