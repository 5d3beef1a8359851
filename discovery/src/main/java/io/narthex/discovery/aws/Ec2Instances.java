package io.narthex.discovery.aws;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsFailure;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Filter;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks EC2 for instances; the API is the "Amazon EC2 API Reference", DescribeInstances and
 * DescribeAvailabilityZones.
 */
final class Ec2Instances implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(Ec2Instances.class);

  private final AwsClient client;
  private final List<Filter> filters;
  private final int port;

  /** The ids of zones by their names, which differ between accounts; asked for once. */
  private @Nullable Map<String, String> zones;

  Ec2Instances(AwsClient client, List<Filter> filters, int port) {
    this.client = client;
    this.filters = filters;
    this.port = port;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    String region = client.region();
    Ec2Labels labels = new Ec2Labels(region, zones(), port);
    List<Labels> targets = new ArrayList<>();
    instances(
        client,
        filters,
        reservation -> {
          for (Xml instance : reservation.items("instancesSet")) {
            Labels target = labels.of(reservation.text("ownerId"), instance);
            if (!target.isEmpty()) {
              targets.add(target);
            }
          }
        });
    return List.of(new TargetGroup(region, Labels.EMPTY, targets));
  }

  /** Asks for all instances that the filters let through, and tells of each reservation. */
  static void instances(AwsClient client, List<Filter> filters, Consumer<Xml> reservations)
      throws IOException, InterruptedException {
    pages(client, "DescribeInstances", filters, "reservationSet", reservations);
  }

  /**
   * Asks for everything of a kind that the filters let through.
   *
   * @param list the element whose elements are told of
   */
  static void pages(
      AwsClient client, String action, List<Filter> filters, String list, Consumer<Xml> items)
      throws IOException, InterruptedException {
    Map<String, String> form = form(filters);
    TokenPages.all(token -> {
      if (!token.isEmpty()) {
        form.put("NextToken", token);
      }
      Xml answer = client.query(AwsService.EC2, action, form);
      answer.items(list).forEach(items);
      return answer.text("nextToken");
    });
  }

  private static Map<String, String> form(List<Filter> filters) {
    Map<String, String> form = new TreeMap<>();
    for (int i = 0; i < filters.size(); i++) {
      Filter filter = filters.get(i);
      String prefix = "Filter." + (i + 1) + ".";
      form.put(prefix + "Name", filter.name());
      for (int k = 0; k < filter.values().size(); k++) {
        form.put(prefix + "Value." + (k + 1), filter.values().get(k));
      }
    }
    return form;
  }

  /** Whoever may not ask for zones does without their ids. */
  private Map<String, String> zones() throws IOException, InterruptedException {
    Map<String, String> known = zones;
    if (known != null) {
      return known;
    }
    Map<String, String> found = new HashMap<>();
    try {
      Xml answer = client.query(AwsService.EC2, "DescribeAvailabilityZones", Map.of());
      for (Xml zone : answer.items("availabilityZoneInfo")) {
        found.put(zone.text("zoneName"), zone.text("zoneId"));
      }
    } catch (AwsFailure e) {
      if (!e.code().equals("UnauthorizedOperation")) {
        throw e;
      }
      LOG.atDebug()
          .addKeyValue("discovery", "ec2")
          .addKeyValue("err", e.getMessage())
          .log("Unable to describe availability zones");
      return found;
    }
    zones = found;
    return found;
  }

  @Override
  public void close() {
    client.close();
  }
}
