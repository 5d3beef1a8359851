package io.narthex.discovery.aws;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.aws.api.JsonBody;
import io.narthex.discovery.aws.api.Parallel;
import io.narthex.discovery.aws.api.TokenPages;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Filter;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks ECS for the tasks that run in clusters and for the services they belong to, and EC2 for the
 * machines and network interfaces they run on; the APIs are the "Amazon ECS API Reference" and the
 * "Amazon EC2 API Reference".
 *
 * <p>A task, a machine or an interface may end between two questions. ECS says so beside its
 * answer, which is no failure; EC2 fails if it is asked for the name of one that is gone, but not
 * if the name is a filter, so filters it is.
 */
final class EcsTasks implements Source {

  /** The most that each API describes at once; EC2 takes 200 values in a filter. */
  private static final int MOST_CLUSTERS = 100;

  private static final int MOST_SERVICES = 10;
  private static final int MOST_TASKS = 100;
  private static final int MOST_MACHINES = 100;

  private final AwsClient client;
  private final List<String> clusters;
  private final int port;

  /**
   * Makes it ready.
   *
   * @param clusters names or ARNs; empty for all
   */
  EcsTasks(AwsClient client, List<String> clusters, int port) {
    this.client = client;
    this.clusters = clusters;
    this.port = port;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<String> wanted = clusters.isEmpty() ? list("ListClusters", "", "clusterArns") : clusters;
    List<JsonValue> found =
        flat(
            Parallel.map(
                Parallel.batches(wanted, MOST_CLUSTERS),
                batch ->
                    client
                        .call(
                            AwsService.ECS,
                            "DescribeClusters",
                            new JsonBody()
                                .texts("clusters", batch)
                                .texts("include", List.of("TAGS"))
                                .bytes())
                        .get("clusters")
                        .items()));
    requireAll(found);
    List<Labels> targets = flat(Parallel.map(found, this::cluster));
    return List.of(new TargetGroup(client.region(), Labels.EMPTY, targets));
  }

  /** What the configuration names must be there; what ECS listed may have gone. */
  private void requireAll(List<JsonValue> found) throws IOException {
    Set<String> known = new HashSet<>();
    for (JsonValue cluster : found) {
      known.add(cluster.text("clusterArn"));
      known.add(cluster.text("clusterName"));
    }
    for (String name : clusters) {
      if (!known.contains(name)) {
        throw new IOException("ECS has no cluster " + name);
      }
    }
  }

  private List<Labels> cluster(JsonValue cluster) throws IOException, InterruptedException {
    String arn = cluster.text("clusterArn");
    List<String> running = list("ListTasks", arn, "taskArns");
    if (running.isEmpty()) {
      return List.of();
    }
    List<JsonValue> tasks =
        describe("DescribeTasks", arn, "tasks", running, MOST_TASKS, List.of("TAGS"));
    Map<String, JsonValue> services = new HashMap<>();
    List<String> names = list("ListServices", arn, "serviceArns");
    for (JsonValue service :
        describe("DescribeServices", arn, "services", names, MOST_SERVICES, List.of("TAGS"))) {
      services.put(service.text("serviceName"), service);
    }
    Map<String, String> ids = machineIds(arn, tasks);
    EcsLabels labels =
        new EcsLabels(
            client.region(), port, cluster, services, ids, machines(ids), publicAddresses(tasks));
    List<Labels> targets = new ArrayList<>();
    for (JsonValue task : tasks) {
      Labels target = labels.of(task);
      if (!target.isEmpty()) {
        targets.add(target);
      }
    }
    return targets;
  }

  private List<String> list(String action, String cluster, String field)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    TokenPages.all(token -> {
      byte[] body = new JsonBody().text("cluster", cluster).text("nextToken", token).bytes();
      JsonValue page = client.call(AwsService.ECS, action, body);
      all.addAll(page.get(field).texts());
      return page.text("nextToken");
    });
    return all;
  }

  /**
   * Asks about things in a cluster.
   *
   * @param field the name of the list in the question and in the answer
   */
  private List<JsonValue> describe(
      String action,
      String cluster,
      String field,
      List<String> names,
      int most,
      List<String> include)
      throws IOException, InterruptedException {
    return flat(
        Parallel.map(
            Parallel.batches(names, most),
            batch -> {
              JsonBody body = new JsonBody().text("cluster", cluster).texts(field, batch);
              if (!include.isEmpty()) {
                body.texts("include", include);
              }
              return client.call(AwsService.ECS, action, body.bytes()).get(field).items();
            }));
  }

  /** The ids in EC2 of what the tasks run on, by the ARNs that ECS knows them by. */
  private Map<String, String> machineIds(String cluster, List<JsonValue> tasks)
      throws IOException, InterruptedException {
    Set<String> arns = new LinkedHashSet<>();
    for (JsonValue task : tasks) {
      arns.add(task.text("containerInstanceArn"));
    }
    arns.remove("");
    Map<String, String> ids = new HashMap<>();
    for (JsonValue instance :
        describe(
            "DescribeContainerInstances",
            cluster,
            "containerInstances",
            List.copyOf(arns),
            MOST_MACHINES,
            List.of())) {
      ids.put(instance.text("containerInstanceArn"), instance.text("ec2InstanceId"));
    }
    return ids;
  }

  /** Machines of EC2 by their ids. */
  private Map<String, Xml> machines(Map<String, String> ids)
      throws IOException, InterruptedException {
    Map<String, Xml> machines = new HashMap<>();
    for (Xml reservation :
        ec2("DescribeInstances", "reservationSet", "instance-id", new HashSet<>(ids.values()))) {
      reservation
          .items("instancesSet")
          .forEach(each -> machines.put(each.text("instanceId"), each));
    }
    return machines;
  }

  /** The public addresses of the tasks' own network interfaces, by the interfaces' names. */
  private Map<String, String> publicAddresses(List<JsonValue> tasks)
      throws IOException, InterruptedException {
    Set<String> interfaces = new LinkedHashSet<>();
    for (JsonValue task : tasks) {
      interfaces.add(EcsLabels.attachment(task).getOrDefault("networkInterfaceId", ""));
    }
    Map<String, String> addresses = new HashMap<>();
    for (Xml each :
        ec2(
            "DescribeNetworkInterfaces",
            "networkInterfaceSet",
            "network-interface-id",
            interfaces)) {
      addresses.put(each.text("networkInterfaceId"), each.text("association/publicIp"));
    }
    return addresses;
  }

  private List<Xml> ec2(String action, String list, String filter, Set<String> names)
      throws IOException, InterruptedException {
    List<String> wanted = names.stream().filter(name -> !name.isEmpty()).toList();
    return flat(
        Parallel.map(
            Parallel.batches(wanted, MOST_MACHINES),
            batch -> {
              List<Xml> all = new ArrayList<>();
              Ec2Instances.pages(
                  client, action, List.of(new Filter(filter, batch)), list, all::add);
              return all;
            }));
  }

  private static <T> List<T> flat(List<List<T>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  @Override
  public void close() {
    client.close();
  }
}
