package io.narthex.discovery.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.aws.api.AwsService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers: "Amazon ECS API Reference", ListClusters, DescribeClusters, ListServices,
 * DescribeServices, ListTasks, DescribeTasks, DescribeContainerInstances; "Amazon EC2 API
 * Reference", DescribeInstances, DescribeNetworkInterfaces.
 */
final class EcsDiscoveryTest extends StubAcceptance {

  private static final String ARN = "arn:aws:ecs:eu-west-1:111122223333:";
  private static final String CLUSTER = ARN + "cluster/shop";

  private static final String CLUSTERS =
      """
      {"clusters": [{"clusterArn": "%s", "clusterName": "shop", "status": "ACTIVE",
        "tags": [{"key": "cost center", "value": "7"}]}], "failures": []}
      """
          .formatted(CLUSTER);

  private static final String SERVICES =
      """
      {"services": [{"serviceArn": "%1$sservice/shop/web", "serviceName": "web",
        "clusterArn": "%2$s", "status": "ACTIVE", "tags": [{"key": "tier", "value": "front"}]}],
       "failures": []}
      """
          .formatted(ARN, CLUSTER);

  /** A task with a network interface of its own, on a machine of EC2. */
  private static final String OWN_INTERFACE =
      """
      {"taskArn": "%1$stask/shop/t%2$d", "clusterArn": "%3$s", "group": "service:web",
       "taskDefinitionArn": "%1$stask-definition/web:1", "availabilityZone": "eu-west-1a",
       "launchType": "EC2", "desiredStatus": "RUNNING", "lastStatus": "PENDING",
       "healthStatus": "HEALTHY", "platformFamily": "Linux", "platformVersion": "1.4.0",
       "containerInstanceArn": "%1$scontainer-instance/shop/c1",
       "attachments": [
         {"type": "ServiceConnect", "details": []},
         {"type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [
           {"name": "subnetId", "value": "subnet-1"},
           {"name": "networkInterfaceId", "value": "eni-%2$d"},
           {"name": "macAddress", "value": "0e:00"},
           {"name": "privateIPv4Address", "value": "10.0.1.%2$d"}]}],
       "tags": [{"key": "run", "value": "%2$d"}]}
      """;

  /** A task that somebody started by hand, which shares the address of its machine. */
  private static final String SHARED =
      """
      {"taskArn": "%1$stask/shop/s", "group": "family:web", "launchType": "EC2",
       "containerInstanceArn": "%1$scontainer-instance/shop/c1", "attachments": []}
      """
          .formatted(ARN);

  private static final String INSTANCES =
      """
      {"containerInstances": [{"containerInstanceArn": "%scontainer-instance/shop/c1",
        "ec2InstanceId": "i-1"}]}
      """
          .formatted(ARN);

  private static final String MACHINES =
      """
      <DescribeInstancesResponse><reservationSet><item><instancesSet><item>
        <instanceId>i-1</instanceId><instanceType>m5.large</instanceType>
        <subnetId>subnet-9</subnetId><privateIpAddress>10.0.9.1</privateIpAddress>
        <ipAddress>203.0.113.9</ipAddress>
        <tagSet><item><key>host.name</key><value>h</value></item></tagSet>
      </item></instancesSet></item></reservationSet></DescribeInstancesResponse>
      """;

  private static final String INTERFACES =
      """
      <DescribeNetworkInterfacesResponse><networkInterfaceSet><item>
        <networkInterfaceId>eni-1</networkInterfaceId>
        <association><publicIp>203.0.113.1</publicIp></association>
      </item></networkInterfaceSet></DescribeNetworkInterfacesResponse>
      """;

  private static String ownInterface(int number) {
    return OWN_INTERFACE.formatted(ARN, number, CLUSTER);
  }

  @Override
  protected String section(String url) {
    return "ecs_sd_configs: [{endpoint: '%s', %s, port: 9100}]".formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 does not have ecs_sd_configs";
  }

  /** Tasks whose interfaces have no names: EC2 is somewhere else, and not asked. */
  @Override
  protected void serve(int targets) {
    serve(
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                ownInterface(i)
                    .replace("networkInterfaceId", "other")
                    .replace("containerInstanceArn", "other"))
            .toList());
  }

  private void serve(List<String> tasks) {
    stub.answer(answers(tasks));
  }

  private static Function<Stub.Asked, Stub.Answer> answers(List<String> tasks) {
    String arns =
        IntStream.range(0, tasks.size())
            .mapToObj(i -> "\"t" + i + "\"")
            .collect(Collectors.joining(","));
    Map<String, String> json = new TreeMap<>();
    json.put("ListClusters", "{\"clusterArns\": [\"" + CLUSTER + "\"]}");
    json.put("DescribeClusters", CLUSTERS);
    json.put("ListServices", "{\"serviceArns\": [\"%sservice/shop/web\"]}".formatted(ARN));
    json.put("DescribeServices", SERVICES);
    json.put("ListTasks", "{\"taskArns\": [" + arns + "]}");
    json.put("DescribeTasks", "{\"tasks\": [" + String.join(",", tasks) + "]}");
    json.put("DescribeContainerInstances", INSTANCES);
    return asked ->
        switch (AwsStub.action(asked)) {
          case "DescribeInstances" -> Stub.Answer.xml(MACHINES);
          case "DescribeNetworkInterfaces" -> Stub.Answer.xml(INTERFACES);
          default -> Stub.Answer.json(json.getOrDefault(AwsStub.action(asked), ""));
        };
  }

  @Override
  protected String address(int number) {
    return "10.0.1." + number + ":9100";
  }

  private List<Map<String, String>> refresh(String... clusters) throws Exception {
    return AwsStub.targets(
        new EcsTasks(AwsStub.client(stub, AwsService.ECS, context), List.of(clusters), 9100));
  }

  @Test
  void everyLabel() throws Exception {
    serve(List.of(ownInterface(1)));
    Map<String, String> labels = refresh().getFirst();
    Map<String, String> expected = new TreeMap<>();
    expected.put("__address__", "10.0.1.1:9100");
    expected.put("__meta_ecs_availability_zone", "eu-west-1a");
    expected.put("__meta_ecs_cluster", "shop");
    expected.put("__meta_ecs_cluster_arn", CLUSTER);
    expected.put("__meta_ecs_container_instance_arn", ARN + "container-instance/shop/c1");
    expected.put("__meta_ecs_desired_status", "RUNNING");
    expected.put("__meta_ecs_ec2_instance_id", "i-1");
    expected.put("__meta_ecs_ec2_instance_private_ip", "10.0.9.1");
    expected.put("__meta_ecs_ec2_instance_public_ip", "203.0.113.9");
    expected.put("__meta_ecs_ec2_instance_type", "m5.large");
    expected.put("__meta_ecs_health_status", "HEALTHY");
    expected.put("__meta_ecs_ip_address", "10.0.1.1");
    expected.put("__meta_ecs_last_status", "PENDING");
    expected.put("__meta_ecs_launch_type", "EC2");
    expected.put("__meta_ecs_network_mode", "awsvpc");
    expected.put("__meta_ecs_platform_family", "Linux");
    expected.put("__meta_ecs_platform_version", "1.4.0");
    expected.put("__meta_ecs_public_ip", "203.0.113.1");
    expected.put("__meta_ecs_region", "eu-west-1");
    expected.put("__meta_ecs_service", "web");
    expected.put("__meta_ecs_service_arn", ARN + "service/shop/web");
    expected.put("__meta_ecs_service_status", "ACTIVE");
    expected.put("__meta_ecs_subnet_id", "subnet-1");
    expected.put("__meta_ecs_tag_cluster_cost_center", "7");
    expected.put("__meta_ecs_tag_ec2_host_name", "h");
    expected.put("__meta_ecs_tag_service_tier", "front");
    expected.put("__meta_ecs_tag_task_run", "1");
    expected.put("__meta_ecs_task_arn", ARN + "task/shop/t1");
    expected.put("__meta_ecs_task_definition", ARN + "task-definition/web:1");
    expected.put("__meta_ecs_task_group", "service:web");
    assertThat(labels).isEqualTo(expected);
    Set<String> tags =
        Set.of(
            "__meta_ecs_tag_cluster_",
            "__meta_ecs_tag_ec2_",
            "__meta_ecs_tag_service_",
            "__meta_ecs_tag_task_");
    assertThat(AwsStub.names(labels, "__meta_ecs_", tags))
        .isEqualTo(AwsStub.documented("__meta_ecs_"));
  }

  @Test
  void tasksOfNobodyOnTheAddressOfTheirMachine() throws Exception {
    serve(List.of(SHARED, "{\"taskArn\": \"x\", \"group\": \"family:web\"}"));
    List<Map<String, String>> found = refresh("shop");
    assertThat(found).as("one has no address").hasSize(1);
    assertThat(found.getFirst())
        .containsEntry("__address__", "10.0.9.1:9100")
        .containsEntry("__meta_ecs_network_mode", "bridge")
        .containsEntry("__meta_ecs_public_ip", "203.0.113.9")
        .containsEntry("__meta_ecs_subnet_id", "subnet-9")
        .containsEntry("__meta_ecs_tag_cluster_cost_center", "7")
        .doesNotContainKey("__meta_ecs_service");
  }

  private static List<String> texts(Stub.Asked asked, String field) {
    try {
      return JsonValue.parse(asked.body().getBytes(StandardCharsets.UTF_8)).get(field).texts();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 250 tasks on three pages, described a hundred at a time; 25 services, ten at a time. */
  @Test
  void asksForPagesAndInBatches() throws Exception {
    Stub.Answer empty = Stub.Answer.json("{}");
    stub.answer(asked ->
        switch (AwsStub.action(asked)) {
          case "DescribeClusters" -> Stub.Answer.json(CLUSTERS);
          case "ListTasks" -> {
            int page = asked.body().contains("p2") ? 2 : asked.body().contains("p1") ? 1 : 0;
            String tasks =
                IntStream.range(page * 100, Math.min(250, page * 100 + 100))
                    .mapToObj(i -> "\"" + i + "\"")
                    .collect(Collectors.joining(","));
            String next = page == 2 ? "" : ", \"nextToken\": \"p" + (page + 1) + "\"";
            yield Stub.Answer.json("{\"taskArns\": [" + tasks + "]" + next + "}");
          }
          case "ListServices" ->
              Stub.Answer.json(
                  IntStream.range(0, 25)
                      .mapToObj(i -> "\"s" + i + "\"")
                      .collect(Collectors.joining(",", "{\"serviceArns\": [", "]}")));
          case "DescribeTasks" ->
              Stub.Answer.json(
                  texts(asked, "tasks").stream()
                      .map(name -> SHARED.replace("task/shop/s", name))
                      .collect(Collectors.joining(",", "{\"tasks\": [", "]}")));
          case "DescribeContainerInstances" -> Stub.Answer.json(INSTANCES);
          case "DescribeInstances" -> Stub.Answer.xml(MACHINES);
          default -> empty;
        });
    assertThat(refresh("shop")).hasSize(250);
    assertThat(sizes("DescribeTasks", "tasks")).containsExactly(50, 100, 100);
    assertThat(sizes("DescribeServices", "services")).containsExactly(5, 10, 10);
    Stub.Asked machines =
        stub.asked().stream()
            .filter(asked -> AwsStub.action(asked).equals("DescribeInstances"))
            .findFirst()
            .orElseThrow();
    assertThat(AwsStub.form(machines))
        .containsEntry("Filter.1.Name", "instance-id")
        .containsEntry("Filter.1.Value.1", "i-1")
        .doesNotContainKey("Filter.1.Value.2");
    assertThat(machines.header("Authorization")).contains("/eu-west-1/ec2/aws4_request");
    Stub.Asked tasks =
        stub.asked().stream()
            .filter(asked -> AwsStub.action(asked).equals("DescribeTasks"))
            .findFirst()
            .orElseThrow();
    assertThat(tasks.header("X-Amz-Target"))
        .isEqualTo("AmazonEC2ContainerServiceV20141113.DescribeTasks");
    assertThat(texts(tasks, "include")).containsExactly("TAGS");
    assertThat(tasks.body()).contains("\"cluster\":\"" + CLUSTER + "\"");
  }

  private List<Integer> sizes(String action, String field) {
    return stub.asked().stream()
        .filter(asked -> AwsStub.action(asked).equals(action))
        .map(asked -> texts(asked, field).size())
        .sorted()
        .toList();
  }

  @Test
  void clustersThatAreNamedMustBeThere() {
    serve(1);
    assertThatThrownBy(() -> refresh("shop", "market")).hasMessage("ECS has no cluster market");
    assertThatThrownBy(() -> refresh(CLUSTER + "s"))
        .hasMessage("ECS has no cluster " + CLUSTER + "s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListClusters",
        "DescribeClusters",
        "ListTasks",
        "DescribeTasks",
        "ListServices",
        "DescribeServices",
        "DescribeContainerInstances",
        "DescribeInstances",
        "DescribeNetworkInterfaces"
      })
  void aFailureSomewhereIsAFailure(String action) {
    Function<Stub.Asked, Stub.Answer> others = answers(List.of(ownInterface(1)));
    stub.answer(asked ->
        AwsStub.action(asked).equals(action)
            ? Stub.Answer.status(400, "nothing")
            : others.apply(asked));
    assertThatThrownBy(() -> refresh())
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(action + ": 400 Bad Request: nothing");
  }
}
