package io.narthex.discovery.aws;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import java.io.IOException;

/**
 * Where and as whom to ask a service of Amazon. Empty where not given; the region and the
 * credentials then come from the environment of the process.
 *
 * @param endpoint another address of the service
 * @param region the region
 * @param accessKey the access key
 * @param secretKey its secret
 * @param profile a profile of the shared credentials file
 * @param roleArn a role to assume
 * @param externalId what the owner of the role wants to hear
 */
public record AwsAccess(
    String endpoint,
    String region,
    String accessKey,
    String secretKey,
    String profile,
    String roleArn,
    String externalId) {

  /** Reads the keys from the map they lie in. */
  static AwsAccess read(YamlMap map) {
    return new AwsAccess(
        map.text("endpoint", ""),
        map.text("region", ""),
        map.text("access_key", ""),
        map.text("secret_key", "config.Secret", ""),
        map.text("profile", ""),
        map.text("role_arn", ""),
        map.text("external_id", ""));
  }

  /**
   * A client with this access.
   *
   * @param service the one whose address the endpoint is
   * @param concurrency requests at the same time
   * @throws IOException if a certificate, a key or a password cannot be read
   */
  AwsClient client(
      AwsService service, HttpClientConfig http, int concurrency, DiscoveryContext context)
      throws IOException {
    return new AwsClient(service, endpoint, keys(), http, concurrency, context);
  }

  /** How requests are signed; half a pair of keys counts as none, as upstream. */
  SigV4Config keys() {
    boolean pair = !accessKey.isEmpty() && !secretKey.isEmpty();
    return new SigV4Config(
        region,
        pair ? accessKey : "",
        pair ? secretKey : "",
        profile,
        roleArn,
        externalId,
        "",
        false);
  }

  void write(YamlWriter.Map out) {
    out.put("endpoint", endpoint);
    out.put("region", region);
    out.text("access_key", accessKey);
    out.secret("secret_key", secretKey);
    out.text("profile", profile);
    out.text("role_arn", roleArn);
    out.text("external_id", externalId);
  }
}
