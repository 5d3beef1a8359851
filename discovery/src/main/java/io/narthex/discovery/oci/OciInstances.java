package io.narthex.discovery.oci;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instances of the compartments, by the Core Services API ({@code ListInstances}, {@code
 * ListVnicAttachments}, {@code GetVnic}). The primary network card gives the address; an instance
 * without one, or whose card is not ours to see, is no target.
 */
final class OciInstances implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(OciInstances.class);

  private static final String PREFIX = "__meta_oci_";

  private final OciConfig config;
  private final ApiClient client;
  private final Principal principal;
  private final OciApi api;
  private final String core;
  private final Compartments compartments;

  /**
   * @param environment of the process
   */
  OciInstances(OciConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    this.config = config;
    this.client = new ApiClient(config.http(), context);
    this.principal =
        config.auth().equals("instance_principal")
            ? new InstancePrincipal(client, context.clock(), environment)
            : new ApiKey(config, context.clock());
    this.api = new OciApi(client, principal, context.clock());
    String domain = Realms.domain(config.region(), environment);
    this.core = "https://iaas." + config.region() + "." + domain + "/20160918/";
    this.compartments =
        new Compartments(
            api,
            "https://identity." + config.region() + ".oci." + domain,
            principal,
            config.compartments());
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    String tenancy = principal.tenancy();
    for (String compartment : compartments.all()) {
      for (JsonValue instance : instances(compartment)) {
        Optional<JsonValue> card = card(instance);
        if (card.isPresent() && !host(card.get()).isEmpty()) {
          targets.add(target(instance, card.get(), tenancy));
        }
      }
    }
    return List.of(new TargetGroup("OCI", Labels.EMPTY, targets));
  }

  private static String host(JsonValue card) throws IOException {
    String host = card.text("privateIp");
    return host.isEmpty() ? card.text("publicIp") : host;
  }

  private List<JsonValue> instances(String compartment) throws IOException, InterruptedException {
    try {
      return api.list(core + "instances?compartmentId=" + Forms.escape(compartment));
    } catch (IOException e) {
      throw new IOException(
          "listing OCI instances in compartment " + compartment + ": " + e.getMessage(), e);
    }
  }

  /** The primary network card of an instance, if there is one. */
  private Optional<JsonValue> card(JsonValue instance) throws IOException, InterruptedException {
    String id = instance.text("id");
    if (id.isEmpty() || instance.text("compartmentId").isEmpty()) {
      // Who asks for the cards of nothing gets those of everything.
      throw new IOException("an instance without its id or its compartment: " + id);
    }
    String attachments =
        core
            + "vnicAttachments?compartmentId="
            + Forms.escape(instance.text("compartmentId"))
            + "&instanceId="
            + Forms.escape(id);
    try {
      for (JsonValue attachment : api.list(attachments)) {
        String card = attachment.text("vnicId");
        if (!card.isEmpty() && attachment.text("lifecycleState").equals("ATTACHED")) {
          JsonValue found = api.get(core + "vnics/" + Forms.escape(card));
          if (found.truth("isPrimary")) {
            return Optional.of(found);
          }
        }
      }
      return Optional.empty();
    } catch (OciApi.Hidden e) {
      LOG.atWarn()
          .addKeyValue("instance_id", id)
          .addKeyValue("err", e.getMessage())
          .log("OCI SD failed to resolve VNIC IPs, skipping instance");
      return Optional.empty();
    }
  }

  private Labels target(JsonValue instance, JsonValue card, String tenancy) throws IOException {
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(host(card), config.port()));
    labels.set(PREFIX + "tenancy_id", tenancy);
    labels.set(PREFIX + "compartment_id", instance.text("compartmentId"));
    labels.set(PREFIX + "region", instance.text("region"));
    labels.set(PREFIX + "availability_domain", instance.text("availabilityDomain"));
    labels.set(PREFIX + "fault_domain", instance.text("faultDomain"));
    labels.set(PREFIX + "instance_id", instance.text("id"));
    labels.set(PREFIX + "instance_name", instance.text("displayName"));
    labels.set(PREFIX + "instance_state", instance.text("lifecycleState"));
    labels.set(PREFIX + "instance_shape", instance.text("shape"));
    labels.set(PREFIX + "image_id", instance.text("imageId"));
    labels.set(PREFIX + "vnic_id", card.text("id"));
    labels.set(PREFIX + "hostname_label", card.text("hostnameLabel"));
    labels.set(PREFIX + "private_ip", card.text("privateIp"));
    labels.set(PREFIX + "public_ip", card.text("publicIp"));
    List<String> six = card.get("ipv6Addresses").texts().stream().sorted().toList();
    if (!six.isEmpty()) {
      labels.set(PREFIX + "ipv6_addresses", Meta.enclosed(six, ","));
    }
    for (Map.Entry<String, JsonValue> tag : instance.get("freeformTags").members().entrySet()) {
      labels.set(PREFIX + "tag_" + Meta.sanitized(tag.getKey()), tag.getValue().text());
    }
    for (Map.Entry<String, JsonValue> space : instance.get("definedTags").members().entrySet()) {
      String prefix = PREFIX + "defined_tag_" + Meta.sanitized(space.getKey()) + "_";
      for (Map.Entry<String, JsonValue> tag : space.getValue().members().entrySet()) {
        JsonValue value = tag.getValue();
        if (!value.isArray() && !value.isObject()) {
          labels.set(prefix + Meta.sanitized(tag.getKey()), value.scalar());
        }
      }
    }
    return labels.build();
  }

  @Override
  public void close() {
    client.close();
  }
}
