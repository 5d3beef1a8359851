package io.narthex.discovery.aws;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.aws.api.Xml;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is known of caches and of the nodes of cache clusters, as labels. */
final class ElastiCacheLabels {

  private static final String DEPLOYMENT = "__meta_elasticache_deployment_option";
  private static final String CLUSTER_PREFIX = "__meta_elasticache_cache_cluster_";
  private static final String SERVERLESS_PREFIX = "__meta_elasticache_serverless_cache_";

  private static final LabelTable CLUSTER =
      LabelTable.of(
          CLUSTER_PREFIX,
          """
          ARN                                            arn
          AtRestEncryptionEnabled                        at_rest_encryption_enabled
          AuthTokenEnabled                               auth_token_enabled
          AuthTokenLastModifiedDate                      auth_token_last_modified time
          AutoMinorVersionUpgrade                        auto_minor_version_upgrade
          CacheClusterCreateTime                         cache_cluster_create_time time
          CacheClusterId                                 cache_cluster_id
          CacheClusterStatus                             cache_cluster_status
          CacheNodeType                                  cache_node_type
          CacheParameterGroup/CacheParameterGroupName    cache_parameter_group
          CacheSubnetGroupName                           cache_subnet_group_name
          ClientDownloadLandingPage                      client_download_landing_page
          ConfigurationEndpoint/Address                  configuration_endpoint_address
          ConfigurationEndpoint/Port                     configuration_endpoint_port
          Engine                                         engine
          EngineVersion                                  engine_version
          IpDiscovery                                    ip_discovery
          NetworkType                                    network_type
          NotificationConfiguration/TopicArn             notification_topic_arn
          NotificationConfiguration/TopicStatus          notification_topic_status
          NumCacheNodes                                  num_cache_nodes
          PendingModifiedValues/AuthTokenStatus          pending_modified_values_auth_token_status
          PendingModifiedValues/CacheNodeType            pending_modified_values_cache_node_type
          PendingModifiedValues/EngineVersion            pending_modified_values_engine_version
          PendingModifiedValues/NumCacheNodes            pending_modified_values_num_cache_nodes
          PendingModifiedValues/TransitEncryptionEnabled pending_modified_values_transit_encryption_enabled
          PendingModifiedValues/TransitEncryptionMode    pending_modified_values_transit_encryption_mode
          PreferredAvailabilityZone                      preferred_availability_zone
          PreferredMaintenanceWindow                     preferred_maintenance_window
          PreferredOutpostArn                            preferred_outpost_arn
          ReplicationGroupId                             replication_group_id
          ReplicationGroupLogDeliveryEnabled             replication_group_log_delivery_enabled
          SnapshotRetentionLimit                         snapshot_retention_limit
          SnapshotWindow                                 snapshot_window
          TransitEncryptionEnabled                       transit_encryption_enabled
          TransitEncryptionMode                          transit_encryption_mode
          """);

  private static final LabelTable NODE =
      LabelTable.of(
          CLUSTER_PREFIX + "node_",
          """
          CacheNodeId              id
          CacheNodeStatus          status
          CacheNodeCreateTime      create_time time
          CustomerAvailabilityZone availability_zone
          CustomerOutpostArn       customer_outpost_arn
          SourceCacheNodeId        source_cache_node_id
          ParameterGroupStatus     parameter_group_status
          Endpoint/Address         endpoint_address
          Endpoint/Port            endpoint_port
          """);

  private static final LabelTable LOG =
      LabelTable.of(
          CLUSTER_PREFIX + "log_delivery_configuration_",
          """
          DestinationType                                          destination_type
          LogFormat                                                log_format
          LogType                                                  log_type
          Status                                                   status
          Message                                                  message
          DestinationDetails/CloudWatchLogsDetails/LogGroup        log_group
          DestinationDetails/KinesisFirehoseDetails/DeliveryStream delivery_stream
          """);

  private static final LabelTable SECURITY_GROUP =
      LabelTable.of(
          CLUSTER_PREFIX + "security_group_membership_",
          """
          SecurityGroupId id
          Status          status
          """);

  /** Some have two names: the one in upstream's documentation, and the one in its program. */
  private static final LabelTable SERVERLESS =
      LabelTable.of(
          SERVERLESS_PREFIX,
          """
          ARN                                    arn
          ServerlessCacheName                    name
          CreateTime                             create_time time
          Description                            description
          Engine                                 engine
          FullEngineVersion                      full_engine_version
          MajorEngineVersion                     major_engine_version
          Status                                 status
          KmsKeyId                               kms_key_id
          UserGroupId                            user_group_id
          DailySnapshotTime                      daily_snapshot_time
          SnapshotRetentionLimit                 snapshot_retention_limit
          Endpoint/Address                       endpoint_address
          Endpoint/Port                          endpoint_port
          ReaderEndpoint/Address                 reader_endpoint_address
          ReaderEndpoint/Port                    reader_endpoint_port
          ReaderEndpoint/Address                 endpoint_reader_address
          ReaderEndpoint/Port                    endpoint_reader_port
          CacheUsageLimits/DataStorage/Maximum   cache_usage_limit_data_storage_maximum
          CacheUsageLimits/DataStorage/Minimum   cache_usage_limit_data_storage_minimum
          CacheUsageLimits/DataStorage/Unit      cache_usage_limit_data_storage_unit
          CacheUsageLimits/DataStorage/Maximum   cache_usage_limit_data_storagemaximum
          CacheUsageLimits/DataStorage/Minimum   cache_usage_limit_data_storageminimum
          CacheUsageLimits/DataStorage/Unit      cache_usage_limit_data_storageunit
          CacheUsageLimits/ECPUPerSecond/Maximum cache_usage_limit_ecpu_per_second_maximum
          CacheUsageLimits/ECPUPerSecond/Minimum cache_usage_limit_ecpu_per_second_minimum
          CacheUsageLimits/ECPUPerSecond/Maximum cache_usage_limit_ecpu_per_secondmaximum
          CacheUsageLimits/ECPUPerSecond/Minimum cache_usage_limit_ecpu_per_secondminimum
          """);

  private ElastiCacheLabels() {}

  /** The labels of a serverless cache; one that is not reachable yet has no address. */
  static Labels serverless(Xml cache, List<Xml> tags) throws IOException {
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(DEPLOYMENT, "serverless");
    SERVERLESS.set(labels, cache);
    setEach(labels, SERVERLESS_PREFIX + "security_group_id_", cache.texts("SecurityGroupIds"));
    setEach(labels, SERVERLESS_PREFIX + "subnet_id_", cache.texts("SubnetIds"));
    Tags.set(labels, SERVERLESS_PREFIX + "tag_", tags, "Key", "Value");
    address(labels, cache);
    return labels.build();
  }

  private static void setEach(LabelsBuilder labels, String prefix, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      labels.set(prefix + i, values.get(i));
    }
  }

  /** The labels of each node of a cluster. */
  static List<Labels> nodes(Xml cluster, List<Xml> tags) throws IOException {
    LabelsBuilder common = new LabelsBuilder();
    common.set(DEPLOYMENT, "node");
    CLUSTER.set(common, cluster);
    common.set(
        CLUSTER_PREFIX + "pending_modified_values_cache_node_ids_to_remove",
        String.join(",", cluster.texts("PendingModifiedValues/CacheNodeIdsToRemove")));
    LOG.setEach(common, cluster.items("LogDeliveryConfigurations"));
    SECURITY_GROUP.setEach(common, cluster.items("SecurityGroups"));
    Tags.set(common, CLUSTER_PREFIX + "tag_", tags, "Key", "Value");
    Labels shared = common.build();
    List<Labels> targets = new ArrayList<>();
    for (Xml node : cluster.items("CacheNodes")) {
      LabelsBuilder labels = new LabelsBuilder().from(shared);
      NODE.set(labels, node);
      address(labels, node);
      targets.add(labels.build());
    }
    return targets;
  }

  private static void address(LabelsBuilder labels, Xml where) {
    String host = where.text("Endpoint/Address");
    String port = where.text("Endpoint/Port");
    if (!host.isEmpty() && !port.isEmpty()) {
      labels.set(TargetGroup.ADDRESS, Meta.address(host, port));
    }
  }
}
