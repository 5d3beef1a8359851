package io.narthex.discovery.outscale;

import io.narthex.base.json.JsonValue;
import io.narthex.base.json.JsonWriter;
import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import io.narthex.net.request.SigV4;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Virtual machines, page after page; those without an address are left out. Requests are signed
 * like those to AWS, for the service {@code oapi}; the file with the secret is read for each turn.
 */
final class Machines implements Source {

  private static final String META = "__meta_outscale_vm_";

  private final OutscaleConfig config;
  private final ApiClient client;
  private final HttpUrl url;
  private final Clock clock;

  Machines(OutscaleConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    String endpoint =
        config.endpoint().isEmpty()
            ? "https://api." + config.region() + ".outscale.com/api/v1"
            : config.endpoint();
    while (endpoint.endsWith("/")) {
      endpoint = endpoint.substring(0, endpoint.length() - 1);
    }
    this.url = HttpUrl.parse(endpoint + "/ReadVms");
    this.clock = context.clock();
    this.client = new ApiClient(config.http(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    SigV4.Keys keys = new SigV4.Keys(config.accessKey(), secret(), "");
    List<Labels> targets = new ArrayList<>();
    Pages tokens = new Pages();
    String token = "";
    do {
      JsonValue page = ask(token, keys);
      for (JsonValue machine : page.get("Vms").items()) {
        String address = address(machine);
        if (!address.isEmpty()) {
          targets.add(target(machine, address));
        }
      }
      token = page.text("NextPageToken");
      if (!token.isEmpty()) {
        tokens.next(token);
      }
    } while (!token.isEmpty());
    return List.of(new TargetGroup(config.region(), Labels.EMPTY, targets));
  }

  private JsonValue ask(String token, SigV4.Keys keys) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(body).beginObject();
    if (!token.isEmpty()) {
      json.member("NextPageToken", token);
    }
    json.endObject().flush();
    Duration timeout = config.refreshInterval();
    Request request =
        Request.post(url, "application/json", body.toByteArray())
            .header("Accept", "application/json")
            .timeout(timeout)
            .mayRepeat();
    try {
      return client.json(SigV4.signed(request, keys, config.region(), "oapi", clock.millis()));
    } catch (IOException e) {
      throw new IOException("outscale ReadVms: " + e.getMessage(), e);
    }
  }

  private String secret() throws IOException {
    String file = config.secretKeyFile();
    if (file.isEmpty()) {
      return config.secretKey();
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new IOException("unable to read outscale secret key file " + file + ": " + e, e);
    }
  }

  private static String address(JsonValue machine) throws IOException {
    String inside = machine.text("PrivateIp");
    return inside.isEmpty() ? machine.text("PublicIp") : inside;
  }

  private Labels target(JsonValue machine, String address) throws IOException {
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(address, config.port()))
            .set(META + "instance_id", machine.text("VmId"))
            .set(META + "region", config.region())
            .set(META + "state", machine.text("State"))
            .set(META + "subregion", machine.get("Placement").text("SubregionName"))
            .set(META + "private_ip", machine.text("PrivateIp"))
            .set(META + "public_ip", machine.text("PublicIp"));
    for (JsonValue tag : machine.get("Tags").items()) {
      if (!tag.text("Key").isEmpty() && !tag.text("Value").isEmpty()) {
        labels.set(META + "tag_" + Meta.sanitized(tag.text("Key")), tag.text("Value"));
      }
    }
    return labels.build();
  }

  @Override
  public void close() {
    client.close();
  }
}
