package io.narthex.discovery.dns;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.dns.DnsRecord;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of records: one target each. */
final class DnsLabels {

  private static final Logger LOG = LoggerFactory.getLogger(DnsLabels.class);
  private static final String META = "__meta_dns_";

  private final int port;

  /**
   * Makes it ready.
   *
   * @param port of targets whose record does not name one
   */
  DnsLabels(int port) {
    this.port = port;
  }

  TargetGroup group(String name, List<DnsRecord> records) {
    List<Labels> targets = new ArrayList<>();
    for (DnsRecord record : records) {
      LabelsBuilder labels = new LabelsBuilder().set(META + "name", name);
      boolean isTarget =
          switch (record) {
            case DnsRecord.Address address -> at(labels, address.text(), port);
            case DnsRecord.Service service -> {
              labels.set(META + "srv_record_target", service.target());
              labels.set(META + "srv_record_port", Integer.toString(service.port()));
              yield at(labels, unrooted(service.target()), service.port());
            }
            case DnsRecord.Mail mail -> {
              labels.set(META + "mx_record_target", mail.host());
              yield at(labels, unrooted(mail.host()), port);
            }
            case DnsRecord.NameServer server -> {
              labels.set(META + "ns_record_target", server.host());
              yield at(labels, unrooted(server.host()), port);
            }
            // An alias comes with the records of the name it stands for.
            case DnsRecord.Alias alias -> false;
            case DnsRecord.Other other -> {
              LOG.atWarn()
                  .addKeyValue("name", name)
                  .addKeyValue("type", other.type())
                  .log("Invalid record");
              yield false;
            }
          };
      if (isTarget) {
        targets.add(labels.build());
      }
    }
    return new TargetGroup(name, Labels.EMPTY, targets);
  }

  private static boolean at(LabelsBuilder labels, String host, int port) {
    labels.set(TargetGroup.ADDRESS, Meta.address(host, port));
    return true;
  }

  /** A name without the dots at its end. */
  private static String unrooted(String name) {
    int end = name.length();
    while (end > 0 && name.charAt(end - 1) == '.') {
      end--;
    }
    return name.substring(0, end);
  }
}
