package io.narthex.discovery.eureka;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An instance as a target: it is reached at its host name and its plain port. */
final class Instances {

  private static final String PREFIX = "__meta_eureka_app_instance_";

  /** The port of an instance that tells none. */
  private static final long USUAL_PORT = 80;

  private Instances() {}

  static Labels target(String application, XmlElement instance) throws IOException {
    String host = instance.text("hostName");
    XmlElement port = instance.child("port");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(host, port == null ? USUAL_PORT : whole(port)));
    labels.set("instance", instance.text("instanceId"));
    labels.set("__meta_eureka_app_name", application);
    labels.set(PREFIX + "hostname", host);
    labels.set(PREFIX + "homepage_url", instance.text("homePageUrl"));
    labels.set(PREFIX + "statuspage_url", instance.text("statusPageUrl"));
    labels.set(PREFIX + "healthcheck_url", instance.text("healthCheckUrl"));
    labels.set(PREFIX + "ip_addr", instance.text("ipAddr"));
    labels.set(PREFIX + "vip_address", instance.text("vipAddress"));
    labels.set(PREFIX + "secure_vip_address", instance.text("secureVipAddress"));
    labels.set(PREFIX + "status", instance.text("status"));
    XmlElement country = instance.child("countryId");
    labels.set(PREFIX + "country_id", Long.toString(country == null ? 0 : whole(country)));
    labels.set(PREFIX + "id", instance.text("instanceId"));
    addPort(labels, "port", port);
    addPort(labels, "secure_port", instance.child("securePort"));
    XmlElement datacenter = instance.child("dataCenterInfo");
    if (datacenter != null) {
      labels.set(PREFIX + "datacenterinfo_name", datacenter.text("name"));
      addAll(labels, "datacenterinfo_metadata_", datacenter.child("metadata"));
    }
    addAll(labels, "metadata_", instance.child("metadata"));
    return labels.build();
  }

  private static void addPort(LabelsBuilder labels, String name, @Nullable XmlElement port)
      throws IOException {
    if (port != null) {
      labels.set(PREFIX + name, Long.toString(whole(port)));
      labels.set(PREFIX + name + "_enabled", Boolean.toString(enabled(port)));
    }
  }

  private static void addAll(LabelsBuilder labels, String prefix, @Nullable XmlElement metadata) {
    if (metadata != null) {
      for (XmlElement item : metadata.children()) {
        labels.set(PREFIX + prefix + Meta.sanitized(item.name()), item.inner());
      }
    }
  }

  private static long whole(XmlElement element) throws IOException {
    String digits = element.text().strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IOException(element.name() + " is \"" + digits + "\", expected a whole number", e);
    }
  }

  private static boolean enabled(XmlElement port) throws IOException {
    String text = port.attribute("enabled").strip();
    return switch (text) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "", "0", "f", "F", "FALSE", "false", "False" -> false;
      default ->
          throw new IOException(
              "attribute enabled of "
                  + port.name()
                  + " is \""
                  + text
                  + "\", expected true or false");
    };
  }
}
