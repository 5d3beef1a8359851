package io.narthex.discovery.aws;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.Parallel;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks ElastiCache for serverless caches and for the nodes of the others; the API is the "Amazon
 * ElastiCache API Reference", DescribeServerlessCaches, DescribeCacheClusters and
 * ListTagsForResource.
 *
 * <p>The configuration names serverless caches, replication groups and cache clusters by their
 * ARNs. The API has no question for the clusters of a replication group, so all are asked for and
 * the named ones kept; upstream asks for a cluster of the group's name, which is mostly not there.
 */
final class ElastiCacheNodes implements Source {

  /**
   * What the configuration names.
   *
   * @param serverless the names of serverless caches
   * @param groups the ids of replication groups and of cache clusters
   */
  private record Named(List<String> serverless, List<String> groups) {

    static Named of(List<String> arns) throws IOException {
      Named named = new Named(new ArrayList<>(), new ArrayList<>());
      for (String arn : arns) {
        // arn:PARTITION:elasticache:REGION:ACCOUNT:KIND:NAME
        String[] parts = arn.split(":", 7);
        if (parts.length < 7) {
          throw new IOException("\"" + arn + "\" is no ARN of ElastiCache");
        }
        switch (parts[5]) {
          case "serverlesscache" -> named.serverless.add(parts[6]);
          case "replicationgroup", "cluster" -> named.groups.add(parts[6]);
          default ->
              throw new IOException("\"" + arn + "\" names no cache, replication group or cluster");
        }
      }
      return named;
    }
  }

  private final AwsClient client;
  private final List<String> arns;

  /**
   * Makes it ready.
   *
   * @param arns of clusters; empty for all
   */
  ElastiCacheNodes(AwsClient client, List<String> arns) {
    this.client = client;
    this.arns = arns;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    Named named = Named.of(arns);
    List<Labels> targets = new ArrayList<>();
    List<Xml> caches = serverless(named.serverless);
    List<List<Xml>> tags = tags(caches);
    for (int i = 0; i < caches.size(); i++) {
      targets.add(ElastiCacheLabels.serverless(caches.get(i), tags.get(i)));
    }
    List<Xml> clusters = clusters(named.groups);
    tags = tags(clusters);
    for (int i = 0; i < clusters.size(); i++) {
      targets.addAll(ElastiCacheLabels.nodes(clusters.get(i), tags.get(i)));
    }
    return List.of(new TargetGroup(client.region(), Labels.EMPTY, targets));
  }

  private List<Xml> serverless(List<String> names) throws IOException, InterruptedException {
    if (arns.isEmpty()) {
      return serverless(Map.of());
    }
    return Parallel.map(names, name -> serverless(Map.of("ServerlessCacheName", name))).stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<Xml> serverless(Map<String, String> which) throws IOException, InterruptedException {
    Map<String, String> form = new TreeMap<>(which);
    form.put("MaxResults", "50");
    return pages("DescribeServerlessCaches", form, "NextToken", "ServerlessCaches");
  }

  private List<Xml> clusters(List<String> groups) throws IOException, InterruptedException {
    if (!arns.isEmpty() && groups.isEmpty()) {
      return List.of();
    }
    Map<String, String> form =
        new TreeMap<>(Map.of("MaxRecords", "100", "ShowCacheNodeInfo", "true"));
    List<Xml> all = pages("DescribeCacheClusters", form, "Marker", "CacheClusters");
    if (arns.isEmpty()) {
      return all;
    }
    List<Xml> wanted = new ArrayList<>();
    for (String group : groups) {
      List<Xml> members = all.stream().filter(cluster -> isOf(cluster, group)).toList();
      if (members.isEmpty()) {
        throw new IOException("ElastiCache has no cluster or replication group " + group);
      }
      wanted.addAll(members);
    }
    return wanted;
  }

  private static boolean isOf(Xml cluster, String group) {
    return cluster.text("ReplicationGroupId").equals(group)
        || cluster.text("CacheClusterId").equals(group);
  }

  /**
   * Asks for all pages.
   *
   * @param token the field with the mark of the next page, in the answer and in the question
   */
  private List<Xml> pages(String action, Map<String, String> form, String token, String list)
      throws IOException, InterruptedException {
    List<Xml> items = new ArrayList<>();
    TokenPages.all(mark -> {
      if (!mark.isEmpty()) {
        form.put(token, mark);
      }
      Xml page = client.query(AwsService.ELASTICACHE, action, form);
      items.addAll(page.items(list));
      return page.text(token);
    });
    return items;
  }

  /** The tags of each; none of what has no ARN. */
  private List<List<Xml>> tags(List<Xml> resources) throws IOException, InterruptedException {
    return Parallel.map(
        resources,
        resource -> {
          String arn = resource.text("ARN");
          if (arn.isEmpty()) {
            return List.of();
          }
          return client
              .query(AwsService.ELASTICACHE, "ListTagsForResource", Map.of("ResourceName", arn))
              .items("TagList");
        });
  }

  @Override
  public void close() {
    client.close();
  }
}
