package io.narthex.discovery.aws;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.Parallel;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Filter;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks RDS for the databases of clusters; the API is the "Amazon RDS API Reference",
 * DescribeDBClusters and DescribeDBInstances. Databases outside of clusters are not looked for, as
 * upstream.
 */
final class RdsInstances implements Source {

  private final AwsClient client;
  private final List<String> clusters;
  private final List<Filter> filters;
  private final int port;

  /**
   * Makes it ready.
   *
   * @param clusters ARNs or names; empty for all
   */
  RdsInstances(AwsClient client, List<String> clusters, List<Filter> filters, int port) {
    this.client = client;
    this.clusters = clusters;
    this.filters = filters;
    this.port = port;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Xml> found =
        clusters.isEmpty()
            ? pages("DescribeDBClusters", "DBClusters", Map.of())
            : flat(Parallel.map(clusters, this::named));
    List<Labels> targets = flat(Parallel.map(found, this::targets));
    return List.of(new TargetGroup(client.region(), Labels.EMPTY, targets));
  }

  private List<Xml> named(String cluster) throws IOException, InterruptedException {
    List<Xml> found =
        pages("DescribeDBClusters", "DBClusters", Map.of("DBClusterIdentifier", cluster));
    if (found.isEmpty()) {
      throw new IOException("no DB cluster found for ARN " + cluster);
    }
    return found;
  }

  private List<Labels> targets(Xml cluster) throws IOException, InterruptedException {
    List<Filter> all = new ArrayList<>();
    all.add(new Filter("db-cluster-id", List.of(cluster.text("DBClusterArn"))));
    all.addAll(filters);
    RdsLabels labels = new RdsLabels(cluster, port);
    List<Labels> targets = new ArrayList<>();
    for (Xml instance : pages("DescribeDBInstances", "DBInstances", form(all))) {
      targets.add(labels.of(instance));
    }
    return targets;
  }

  private static Map<String, String> form(List<Filter> filters) {
    Map<String, String> form = new TreeMap<>();
    for (int i = 0; i < filters.size(); i++) {
      Filter filter = filters.get(i);
      String prefix = "Filters.Filter." + (i + 1) + ".";
      form.put(prefix + "Name", filter.name());
      for (int k = 0; k < filter.values().size(); k++) {
        form.put(prefix + "Values.Value." + (k + 1), filter.values().get(k));
      }
    }
    return form;
  }

  private List<Xml> pages(String action, String list, Map<String, String> fields)
      throws IOException, InterruptedException {
    Map<String, String> form = new TreeMap<>(fields);
    form.put("MaxRecords", "100");
    List<Xml> all = new ArrayList<>();
    TokenPages.all(token -> {
      if (!token.isEmpty()) {
        form.put("Marker", token);
      }
      Xml page = client.query(AwsService.RDS, action, form);
      all.addAll(page.items(list));
      return page.text("Marker");
    });
    return all;
  }

  private static <T> List<T> flat(List<List<T>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  @Override
  public void close() {
    client.close();
  }
}
