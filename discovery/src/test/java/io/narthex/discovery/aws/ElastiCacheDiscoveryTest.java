package io.narthex.discovery.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers: "Amazon ElastiCache API Reference", DescribeCacheClusters, DescribeServerlessCaches,
 * ListTagsForResource, CacheCluster, ServerlessCache.
 */
final class ElastiCacheDiscoveryTest extends StubAcceptance {

  private static final String ARN = "arn:aws:elasticache:eu-west-1:111122223333:";

  private static final String CLUSTER =
      """
      <CacheCluster>
        <ARN>%1$scluster:%2$s</ARN>
        <CacheClusterId>%2$s</CacheClusterId>
        <ReplicationGroupId>%3$s</ReplicationGroupId>
        <CacheNodes>%4$s</CacheNodes>
        %5$s
      </CacheCluster>
      """;

  private static final String NODE =
      """
      <CacheNode>
        <CacheNodeId>%1$04d</CacheNodeId>
        <Endpoint><Address>c-%1$d.example</Address><Port>6379</Port></Endpoint>
        %2$s
      </CacheNode>
      """;

  private static final String SERVERLESS =
      """
      <member>
        <ARN>%1$sserverlesscache:%2$s</ARN>
        <ServerlessCacheName>%2$s</ServerlessCacheName>
        <Endpoint><Address>%2$s.example</Address><Port>6380</Port></Endpoint>
        %3$s
      </member>
      """;

  private static final String MORE_OF_CLUSTER =
      """
      <AtRestEncryptionEnabled>v-AtRestEncryptionEnabled-c</AtRestEncryptionEnabled>
      <AuthTokenEnabled>v-AuthTokenEnabled-c</AuthTokenEnabled>
      <AuthTokenLastModifiedDate>2024-01-02T03:04:05.678Z</AuthTokenLastModifiedDate>
      <AutoMinorVersionUpgrade>v-AutoMinorVersionUpgrade-c</AutoMinorVersionUpgrade>
      <CacheClusterCreateTime>2024-01-02T03:04:05.678Z</CacheClusterCreateTime>
      <CacheClusterStatus>v-CacheClusterStatus-c</CacheClusterStatus>
      <CacheNodeType>v-CacheNodeType-c</CacheNodeType>
      <CacheParameterGroup><CacheParameterGroupName>v-CacheParameterGroup-CacheParameterGroupName-c</CacheParameterGroupName></CacheParameterGroup>
      <CacheSubnetGroupName>v-CacheSubnetGroupName-c</CacheSubnetGroupName>
      <ClientDownloadLandingPage>v-ClientDownloadLandingPage-c</ClientDownloadLandingPage>
      <ConfigurationEndpoint><Address>v-ConfigurationEndpoint-Address-c</Address><Port>v-ConfigurationEndpoint-Port-c</Port></ConfigurationEndpoint>
      <Engine>v-Engine-c</Engine><EngineVersion>v-EngineVersion-c</EngineVersion>
      <IpDiscovery>v-IpDiscovery-c</IpDiscovery><NetworkType>v-NetworkType-c</NetworkType>
      <NotificationConfiguration><TopicArn>v-NotificationConfiguration-TopicArn-c</TopicArn><TopicStatus>v-NotificationConfiguration-TopicStatus-c</TopicStatus></NotificationConfiguration>
      <NumCacheNodes>v-NumCacheNodes-c</NumCacheNodes>
      <PreferredAvailabilityZone>v-PreferredAvailabilityZone-c</PreferredAvailabilityZone>
      <PreferredMaintenanceWindow>v-PreferredMaintenanceWindow-c</PreferredMaintenanceWindow>
      <PreferredOutpostArn>v-PreferredOutpostArn-c</PreferredOutpostArn>
      <ReplicationGroupLogDeliveryEnabled>v-ReplicationGroupLogDeliveryEnabled-c</ReplicationGroupLogDeliveryEnabled>
      <SnapshotRetentionLimit>v-SnapshotRetentionLimit-c</SnapshotRetentionLimit>
      <SnapshotWindow>v-SnapshotWindow-c</SnapshotWindow>
      <TransitEncryptionEnabled>v-TransitEncryptionEnabled-c</TransitEncryptionEnabled>
      <TransitEncryptionMode>v-TransitEncryptionMode-c</TransitEncryptionMode>
      <PendingModifiedValues>
        <AuthTokenStatus>v-PendingModifiedValues-AuthTokenStatus-c</AuthTokenStatus>
        <CacheNodeType>v-PendingModifiedValues-CacheNodeType-c</CacheNodeType>
        <EngineVersion>v-PendingModifiedValues-EngineVersion-c</EngineVersion>
        <NumCacheNodes>v-PendingModifiedValues-NumCacheNodes-c</NumCacheNodes>
        <TransitEncryptionEnabled>v-PendingModifiedValues-TransitEncryptionEnabled-c</TransitEncryptionEnabled>
        <TransitEncryptionMode>v-PendingModifiedValues-TransitEncryptionMode-c</TransitEncryptionMode>
        <CacheNodeIdsToRemove><CacheNodeId>3</CacheNodeId><CacheNodeId>4</CacheNodeId></CacheNodeIdsToRemove>
      </PendingModifiedValues>
      <SecurityGroups>
        <member><SecurityGroupId>sg-0</SecurityGroupId><Status>active</Status></member>
        <member><SecurityGroupId>sg-1</SecurityGroupId></member>
      </SecurityGroups>
      <LogDeliveryConfigurations>
        <LogDeliveryConfiguration>
          <LogType>slow-log</LogType><DestinationType>cloudwatch-logs</DestinationType>
          <DestinationDetails><CloudWatchLogsDetails><LogGroup>g</LogGroup></CloudWatchLogsDetails></DestinationDetails>
          <LogFormat>json</LogFormat><Status>active</Status><Message>well</Message>
        </LogDeliveryConfiguration>
        <LogDeliveryConfiguration>
          <DestinationDetails><KinesisFirehoseDetails><DeliveryStream>s</DeliveryStream></KinesisFirehoseDetails></DestinationDetails>
        </LogDeliveryConfiguration>
      </LogDeliveryConfigurations>
      """;

  private static final String MORE_OF_NODE =
      """
      <CacheNodeStatus>v-CacheNodeStatus-n</CacheNodeStatus>
      <CacheNodeCreateTime>2024-01-02T03:04:05.678Z</CacheNodeCreateTime>
      <CustomerAvailabilityZone>v-CustomerAvailabilityZone-n</CustomerAvailabilityZone>
      <CustomerOutpostArn>v-CustomerOutpostArn-n</CustomerOutpostArn>
      <SourceCacheNodeId>v-SourceCacheNodeId-n</SourceCacheNodeId>
      <ParameterGroupStatus>v-ParameterGroupStatus-n</ParameterGroupStatus>
      """;

  private static final String MORE_OF_SERVERLESS =
      """
      <CreateTime>2024-01-02T03:04:05.678Z</CreateTime><Description>v-Description-s</Description>
      <Engine>v-Engine-s</Engine><FullEngineVersion>v-FullEngineVersion-s</FullEngineVersion>
      <MajorEngineVersion>v-MajorEngineVersion-s</MajorEngineVersion><Status>v-Status-s</Status>
      <KmsKeyId>v-KmsKeyId-s</KmsKeyId><UserGroupId>v-UserGroupId-s</UserGroupId>
      <DailySnapshotTime>v-DailySnapshotTime-s</DailySnapshotTime>
      <SnapshotRetentionLimit>v-SnapshotRetentionLimit-s</SnapshotRetentionLimit>
      <ReaderEndpoint><Address>v-ReaderEndpoint-Address-s</Address><Port>v-ReaderEndpoint-Port-s</Port></ReaderEndpoint>
      <CacheUsageLimits><DataStorage><Maximum>v-CacheUsageLimits-DataStorage-Maximum-s</Maximum><Minimum>v-CacheUsageLimits-DataStorage-Minimum-s</Minimum><Unit>v-CacheUsageLimits-DataStorage-Unit-s</Unit></DataStorage><ECPUPerSecond><Maximum>v-CacheUsageLimits-ECPUPerSecond-Maximum-s</Maximum><Minimum>v-CacheUsageLimits-ECPUPerSecond-Minimum-s</Minimum></ECPUPerSecond></CacheUsageLimits>
      <SecurityGroupIds><SecurityGroupId>sg-0</SecurityGroupId></SecurityGroupIds>
      <SubnetIds><SubnetId>subnet-0</SubnetId><SubnetId>subnet-1</SubnetId></SubnetIds>
      """;

  private static final String CLUSTER_LABELS =
      """
      at_rest_encryption_enabled=v-AtRestEncryptionEnabled-c auth_token_enabled=v-AuthTokenEnabled-c
      auth_token_last_modified=2024-01-02T03:04:05Z
      auto_minor_version_upgrade=v-AutoMinorVersionUpgrade-c
      cache_cluster_create_time=2024-01-02T03:04:05Z cache_cluster_status=v-CacheClusterStatus-c
      cache_node_type=v-CacheNodeType-c
      cache_parameter_group=v-CacheParameterGroup-CacheParameterGroupName-c
      cache_subnet_group_name=v-CacheSubnetGroupName-c
      client_download_landing_page=v-ClientDownloadLandingPage-c
      configuration_endpoint_address=v-ConfigurationEndpoint-Address-c
      configuration_endpoint_port=v-ConfigurationEndpoint-Port-c engine=v-Engine-c
      engine_version=v-EngineVersion-c ip_discovery=v-IpDiscovery-c network_type=v-NetworkType-c
      notification_topic_arn=v-NotificationConfiguration-TopicArn-c
      notification_topic_status=v-NotificationConfiguration-TopicStatus-c
      num_cache_nodes=v-NumCacheNodes-c
      pending_modified_values_auth_token_status=v-PendingModifiedValues-AuthTokenStatus-c
      pending_modified_values_cache_node_type=v-PendingModifiedValues-CacheNodeType-c
      pending_modified_values_engine_version=v-PendingModifiedValues-EngineVersion-c
      pending_modified_values_num_cache_nodes=v-PendingModifiedValues-NumCacheNodes-c
      pending_modified_values_transit_encryption_enabled=v-PendingModifiedValues-TransitEncryptionEnabled-c
      pending_modified_values_transit_encryption_mode=v-PendingModifiedValues-TransitEncryptionMode-c
      preferred_availability_zone=v-PreferredAvailabilityZone-c
      preferred_maintenance_window=v-PreferredMaintenanceWindow-c
      preferred_outpost_arn=v-PreferredOutpostArn-c
      replication_group_log_delivery_enabled=v-ReplicationGroupLogDeliveryEnabled-c
      snapshot_retention_limit=v-SnapshotRetentionLimit-c snapshot_window=v-SnapshotWindow-c
      transit_encryption_enabled=v-TransitEncryptionEnabled-c
      transit_encryption_mode=v-TransitEncryptionMode-c
      node_availability_zone=v-CustomerAvailabilityZone-n node_create_time=2024-01-02T03:04:05Z
      node_customer_outpost_arn=v-CustomerOutpostArn-n
      node_parameter_group_status=v-ParameterGroupStatus-n
      node_source_cache_node_id=v-SourceCacheNodeId-n node_status=v-CacheNodeStatus-n
      log_delivery_configuration_log_type_0=slow-log log_delivery_configuration_log_format_0=json
      log_delivery_configuration_destination_type_0=cloudwatch-logs
      log_delivery_configuration_status_0=active log_delivery_configuration_message_0=well
      log_delivery_configuration_log_group_0=g log_delivery_configuration_delivery_stream_1=s
      pending_modified_values_cache_node_ids_to_remove=3,4
      security_group_membership_id_0=sg-0 security_group_membership_id_1=sg-1
      security_group_membership_status_0=active
      """;

  private static final String SERVERLESS_LABELS =
      """
      cache_usage_limit_data_storage_maximum=v-CacheUsageLimits-DataStorage-Maximum-s
      cache_usage_limit_data_storage_minimum=v-CacheUsageLimits-DataStorage-Minimum-s
      cache_usage_limit_data_storage_unit=v-CacheUsageLimits-DataStorage-Unit-s
      cache_usage_limit_data_storagemaximum=v-CacheUsageLimits-DataStorage-Maximum-s
      cache_usage_limit_data_storageminimum=v-CacheUsageLimits-DataStorage-Minimum-s
      cache_usage_limit_data_storageunit=v-CacheUsageLimits-DataStorage-Unit-s
      cache_usage_limit_ecpu_per_second_maximum=v-CacheUsageLimits-ECPUPerSecond-Maximum-s
      cache_usage_limit_ecpu_per_second_minimum=v-CacheUsageLimits-ECPUPerSecond-Minimum-s
      cache_usage_limit_ecpu_per_secondmaximum=v-CacheUsageLimits-ECPUPerSecond-Maximum-s
      cache_usage_limit_ecpu_per_secondminimum=v-CacheUsageLimits-ECPUPerSecond-Minimum-s
      create_time=2024-01-02T03:04:05Z daily_snapshot_time=v-DailySnapshotTime-s
      description=v-Description-s endpoint_reader_address=v-ReaderEndpoint-Address-s
      endpoint_reader_port=v-ReaderEndpoint-Port-s engine=v-Engine-s
      full_engine_version=v-FullEngineVersion-s kms_key_id=v-KmsKeyId-s
      major_engine_version=v-MajorEngineVersion-s reader_endpoint_address=v-ReaderEndpoint-Address-s
      reader_endpoint_port=v-ReaderEndpoint-Port-s
      snapshot_retention_limit=v-SnapshotRetentionLimit-s status=v-Status-s
      user_group_id=v-UserGroupId-s
      security_group_id_0=sg-0 subnet_id_0=subnet-0 subnet_id_1=subnet-1
      """;

  private static Stub.Answer answer(String action, String content) {
    return Stub.Answer.xml(
        "<%1$sResponse><%1$sResult>%2$s</%1$sResult></%1$sResponse>".formatted(action, content));
  }

  private static String cluster(String id, String group, String nodes, String more) {
    return CLUSTER.formatted(ARN, id, group, nodes, more);
  }

  @Override
  protected String section(String url) {
    return "elasticache_sd_configs: [{endpoint: '%s', %s}]".formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 does not have elasticache_sd_configs";
  }

  @Override
  protected void serve(int targets) {
    String nodes =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> NODE.formatted(i, ""))
            .collect(Collectors.joining());
    serve(cluster("c", "", nodes, ""), "");
  }

  private void serve(String clusters, String serverless) {
    stub.answer(asked -> {
      String action = AwsStub.action(asked);
      return switch (action) {
        case "DescribeCacheClusters" ->
            answer(action, "<CacheClusters>" + clusters + "</CacheClusters>");
        case "DescribeServerlessCaches" ->
            answer(action, "<ServerlessCaches>" + serverless + "</ServerlessCaches>");
        default -> answer(action, tag(asked));
      };
    });
  }

  /** A tag with the name of what it is on. */
  private static String tag(Stub.Asked asked) {
    String name = AwsStub.form(asked).getOrDefault("ResourceName", "").replace(ARN, "");
    return "<TagList><Tag><Key>a b</Key><Value>" + name + "</Value></Tag></TagList>";
  }

  @Override
  protected String address(int number) {
    return "c-" + number + ".example:6379";
  }

  private List<Map<String, String>> refresh(String more) throws Exception {
    String section = section(stub.url()).replace("}]", more + "}]");
    return AwsStub.targets(((ClusterConfig) config(section)).source(context));
  }

  private static void put(Map<String, String> labels, String prefix, String text) {
    for (String label : text.strip().split("\\s+")) {
      String[] pair = label.split("=", 2);
      labels.put("__meta_elasticache_" + prefix + pair[0], pair[1]);
    }
  }

  @Test
  void everyLabel() throws Exception {
    serve(
        cluster("c", "group", NODE.formatted(1, MORE_OF_NODE), MORE_OF_CLUSTER),
        SERVERLESS.formatted(ARN, "s", MORE_OF_SERVERLESS));
    List<Map<String, String>> found = refresh("");
    Map<String, String> serverless = new TreeMap<>();
    serverless.put("__address__", "s.example:6380");
    serverless.put("__meta_elasticache_deployment_option", "serverless");
    serverless.put("__meta_elasticache_serverless_cache_arn", ARN + "serverlesscache:s");
    serverless.put("__meta_elasticache_serverless_cache_endpoint_address", "s.example");
    serverless.put("__meta_elasticache_serverless_cache_endpoint_port", "6380");
    serverless.put("__meta_elasticache_serverless_cache_name", "s");
    serverless.put("__meta_elasticache_serverless_cache_tag_a_b", "serverlesscache:s");
    put(serverless, "serverless_cache_", SERVERLESS_LABELS);
    Map<String, String> node = new TreeMap<>();
    node.put("__address__", "c-1.example:6379");
    node.put("__meta_elasticache_deployment_option", "node");
    node.put("__meta_elasticache_cache_cluster_arn", ARN + "cluster:c");
    node.put("__meta_elasticache_cache_cluster_cache_cluster_id", "c");
    node.put("__meta_elasticache_cache_cluster_node_endpoint_address", "c-1.example");
    node.put("__meta_elasticache_cache_cluster_node_endpoint_port", "6379");
    node.put("__meta_elasticache_cache_cluster_node_id", "0001");
    node.put("__meta_elasticache_cache_cluster_replication_group_id", "group");
    node.put("__meta_elasticache_cache_cluster_tag_a_b", "cluster:c");
    put(node, "cache_cluster_", CLUSTER_LABELS);
    assertThat(found).containsExactly(serverless, node);
    Set<String> tags =
        Set.of("__meta_elasticache_cache_cluster_tag_", "__meta_elasticache_serverless_cache_tag_");
    Set<String> names = new TreeSet<>();
    found.forEach(labels -> names.addAll(AwsStub.names(labels, "__meta_elasticache_", tags)));
    assertThat(names).containsAll(AwsStub.documented("__meta_elasticache_"));
  }

  @Test
  void asksForPages() throws Exception {
    stub.answer(asked -> {
      Map<String, String> form = AwsStub.form(asked);
      String action = AwsStub.action(asked);
      boolean second = form.containsKey("Marker") || form.containsKey("NextToken");
      String name = second ? "2" : "1";
      return switch (action) {
        case "DescribeCacheClusters" ->
            answer(
                action,
                (second ? "" : "<Marker>m</Marker>")
                    + "<CacheClusters>"
                    + cluster(name, "", NODE.formatted(1, ""), "")
                    + "</CacheClusters>");
        case "DescribeServerlessCaches" ->
            answer(
                action,
                (second ? "" : "<NextToken>t</NextToken>")
                    + "<ServerlessCaches>"
                    + SERVERLESS.formatted(ARN, name, "")
                    + "</ServerlessCaches>");
        default -> answer(action, "");
      };
    });
    assertThat(refresh("")).hasSize(4);
    assertThat(stub.asked())
        .extracting(AwsStub::form)
        .contains(
            Map.of(
                "Action", "DescribeServerlessCaches",
                "Version", "2015-02-02",
                "MaxResults", "50",
                "NextToken", "t"),
            Map.of(
                "Action", "DescribeCacheClusters",
                "Version", "2015-02-02",
                "MaxRecords", "100",
                "ShowCacheNodeInfo", "true",
                "Marker", "m"));
    assertThat(stub.asked().getFirst().header("Authorization"))
        .contains("/eu-west-1/elasticache/aws4_request");
  }

  @Test
  void cachesByName() throws Exception {
    serve(
        cluster("g-001", "g", NODE.formatted(1, ""), "")
            + cluster("g-002", "g", NODE.formatted(2, ""), "")
            + cluster("alone", "", NODE.formatted(3, ""), "")
            + cluster("other", "", NODE.formatted(4, ""), ""),
        SERVERLESS.formatted(ARN, "s", ""));
    String all =
        ", clusters: ['%1$sreplicationgroup:g', '%1$scluster:alone', '%1$sserverlesscache:s']";
    assertThat(refresh(all.formatted(ARN)))
        .extracting(labels -> labels.get("__address__"))
        .containsExactly(
            "s.example:6380", "c-1.example:6379", "c-2.example:6379", "c-3.example:6379");
    assertThat(AwsStub.form(stub.asked().getFirst())).containsEntry("ServerlessCacheName", "s");
    assertThat(refresh(", clusters: ['" + ARN + "cluster:other']")).hasSize(1);
    assertThat(refresh(", clusters: ['" + ARN + "serverlesscache:s']")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          shop                | "shop" is no ARN of ElastiCache
          a:b:c:d:e:user:u    | "a:b:c:d:e:user:u" names no cache, replication group or cluster
          a:b:c:d:e:cluster:u | ElastiCache has no cluster or replication group u
          """)
  void clustersThatAreNone(String name, String message) {
    serve(1);
    assertThatThrownBy(() -> refresh(", clusters: ['" + name + "']"))
        .isInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"DescribeCacheClusters", "DescribeServerlessCaches", "ListTagsForResource"})
  void aFailureSomewhereIsAFailure(String action) {
    String clusters = cluster("c", "", NODE.formatted(1, ""), "");
    stub.answer(asked -> {
      String asks = AwsStub.action(asked);
      String refusal = "<ErrorResponse><Error><Code>InvalidARN</Code></Error></ErrorResponse>";
      return asks.equals(action)
          ? Stub.Answer.status(400, refusal)
          : answer(asks, "<CacheClusters>" + clusters + "</CacheClusters>");
    });
    assertThatThrownBy(() -> refresh(""))
        .isInstanceOf(IOException.class)
        .hasMessage("ELASTICACHE " + action + ": 400 Bad Request: InvalidARN");
  }
}
