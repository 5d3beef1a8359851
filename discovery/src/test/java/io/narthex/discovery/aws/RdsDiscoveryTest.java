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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers: "Amazon RDS API Reference", DescribeDBClusters, DescribeDBInstances, DBCluster. */
final class RdsDiscoveryTest extends StubAcceptance {

  private static final String ARN = "arn:aws:rds:eu-west-1:111122223333:cluster:shop";

  private static final String CLUSTER =
      """
      <DBCluster>
        <DBClusterArn>%1$s</DBClusterArn>
        <DBClusterMembers>
          <DBClusterMember>
            <DBInstanceIdentifier>db-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter>
          </DBClusterMember>
          <DBClusterMember>
            <DBInstanceIdentifier>db-2</DBInstanceIdentifier><IsClusterWriter>false</IsClusterWriter>
          </DBClusterMember>
        </DBClusterMembers>
        <TagList><Tag><Key>cost center</Key><Value>7</Value></Tag></TagList>
        %2$s
      </DBCluster>
      """;

  private static final String INSTANCE =
      """
      <DBInstance>
        <DBInstanceIdentifier>db-%1$d</DBInstanceIdentifier>
        <Endpoint>
          <Address>db-%1$d.example</Address><Port>3306</Port><HostedZoneId>Z1</HostedZoneId>
        </Endpoint>
        <TagList><Tag><Key>tier</Key><Value>data</Value></Tag></TagList>
        %2$s
      </DBInstance>
      """;

  private static final String MORE_OF_CLUSTER =
      """
      <DBClusterIdentifier>v-DBClusterIdentifier-c</DBClusterIdentifier>
      <ActivityStreamKinesisStreamName>v-ActivityStreamKinesisStreamName-c</ActivityStreamKinesisStreamName>
      <ActivityStreamKmsKeyId>v-ActivityStreamKmsKeyId-c</ActivityStreamKmsKeyId>
      <ActivityStreamMode>v-ActivityStreamMode-c</ActivityStreamMode>
      <ActivityStreamStatus>v-ActivityStreamStatus-c</ActivityStreamStatus>
      <AllocatedStorage>v-AllocatedStorage-c</AllocatedStorage>
      <AutoMinorVersionUpgrade>v-AutoMinorVersionUpgrade-c</AutoMinorVersionUpgrade>
      <AutomaticRestartTime>2024-01-02T03:04:05.678Z</AutomaticRestartTime>
      <AwsBackupRecoveryPointArn>v-AwsBackupRecoveryPointArn-c</AwsBackupRecoveryPointArn>
      <BacktrackConsumedChangeRecords>v-BacktrackConsumedChangeRecords-c</BacktrackConsumedChangeRecords>
      <BacktrackWindow>v-BacktrackWindow-c</BacktrackWindow>
      <BackupRetentionPeriod>v-BackupRetentionPeriod-c</BackupRetentionPeriod>
      <Capacity>v-Capacity-c</Capacity><CharacterSetName>v-CharacterSetName-c</CharacterSetName>
      <CloneGroupId>v-CloneGroupId-c</CloneGroupId>
      <ClusterCreateTime>2024-01-02T03:04:05.678Z</ClusterCreateTime>
      <ClusterScalabilityType>v-ClusterScalabilityType-c</ClusterScalabilityType>
      <CopyTagsToSnapshot>v-CopyTagsToSnapshot-c</CopyTagsToSnapshot>
      <CrossAccountClone>v-CrossAccountClone-c</CrossAccountClone>
      <DBClusterInstanceClass>v-DBClusterInstanceClass-c</DBClusterInstanceClass>
      <DBClusterParameterGroup>v-DBClusterParameterGroup-c</DBClusterParameterGroup>
      <DBSubnetGroup>v-DBSubnetGroup-c</DBSubnetGroup><DBSystemId>v-DBSystemId-c</DBSystemId>
      <DatabaseInsightsMode>v-DatabaseInsightsMode-c</DatabaseInsightsMode>
      <DatabaseName>v-DatabaseName-c</DatabaseName>
      <DbClusterResourceId>v-DbClusterResourceId-c</DbClusterResourceId>
      <DeletionProtection>v-DeletionProtection-c</DeletionProtection>
      <EarliestBacktrackTime>2024-01-02T03:04:05.678Z</EarliestBacktrackTime>
      <EarliestRestorableTime>2024-01-02T03:04:05.678Z</EarliestRestorableTime>
      <Endpoint>v-Endpoint-c</Endpoint><Engine>v-Engine-c</Engine>
      <EngineLifecycleSupport>v-EngineLifecycleSupport-c</EngineLifecycleSupport>
      <EngineMode>v-EngineMode-c</EngineMode><EngineVersion>v-EngineVersion-c</EngineVersion>
      <GlobalClusterIdentifier>v-GlobalClusterIdentifier-c</GlobalClusterIdentifier>
      <GlobalWriteForwardingRequested>v-GlobalWriteForwardingRequested-c</GlobalWriteForwardingRequested>
      <GlobalWriteForwardingStatus>v-GlobalWriteForwardingStatus-c</GlobalWriteForwardingStatus>
      <HostedZoneId>v-HostedZoneId-c</HostedZoneId>
      <HttpEndpointEnabled>v-HttpEndpointEnabled-c</HttpEndpointEnabled>
      <IAMDatabaseAuthenticationEnabled>v-IAMDatabaseAuthenticationEnabled-c</IAMDatabaseAuthenticationEnabled>
      <IOOptimizedNextAllowedModificationTime>2024-01-02T03:04:05.678Z</IOOptimizedNextAllowedModificationTime>
      <Iops>v-Iops-c</Iops><KmsKeyId>v-KmsKeyId-c</KmsKeyId>
      <LatestRestorableTime>2024-01-02T03:04:05.678Z</LatestRestorableTime>
      <LocalWriteForwardingStatus>v-LocalWriteForwardingStatus-c</LocalWriteForwardingStatus>
      <MasterUsername>v-MasterUsername-c</MasterUsername>
      <MonitoringInterval>v-MonitoringInterval-c</MonitoringInterval>
      <MonitoringRoleArn>v-MonitoringRoleArn-c</MonitoringRoleArn><MultiAZ>v-MultiAZ-c</MultiAZ>
      <NetworkType>v-NetworkType-c</NetworkType>
      <PercentProgress>v-PercentProgress-c</PercentProgress>
      <PerformanceInsightsEnabled>v-PerformanceInsightsEnabled-c</PerformanceInsightsEnabled>
      <PerformanceInsightsKMSKeyId>v-PerformanceInsightsKMSKeyId-c</PerformanceInsightsKMSKeyId>
      <PerformanceInsightsRetentionPeriod>v-PerformanceInsightsRetentionPeriod-c</PerformanceInsightsRetentionPeriod>
      <Port>v-Port-c</Port><PreferredBackupWindow>v-PreferredBackupWindow-c</PreferredBackupWindow>
      <PreferredMaintenanceWindow>v-PreferredMaintenanceWindow-c</PreferredMaintenanceWindow>
      <PubliclyAccessible>v-PubliclyAccessible-c</PubliclyAccessible>
      <ReaderEndpoint>v-ReaderEndpoint-c</ReaderEndpoint>
      <ReplicationSourceIdentifier>v-ReplicationSourceIdentifier-c</ReplicationSourceIdentifier>
      <ServerlessV2PlatformVersion>v-ServerlessV2PlatformVersion-c</ServerlessV2PlatformVersion>
      <Status>v-Status-c</Status><StorageEncrypted>v-StorageEncrypted-c</StorageEncrypted>
      <StorageEncryptionType>v-StorageEncryptionType-c</StorageEncryptionType>
      <StorageThroughput>v-StorageThroughput-c</StorageThroughput>
      <StorageType>v-StorageType-c</StorageType>
      <UpgradeRolloutOrder>v-UpgradeRolloutOrder-c</UpgradeRolloutOrder>
      """;

  private static final String MORE_OF_INSTANCE =
      """
      <DBInstanceArn>v-DBInstanceArn-i</DBInstanceArn>
      <ActivityStreamEngineNativeAuditFieldsIncluded>v-ActivityStreamEngineNativeAuditFieldsIncluded-i</ActivityStreamEngineNativeAuditFieldsIncluded>
      <ActivityStreamKinesisStreamName>v-ActivityStreamKinesisStreamName-i</ActivityStreamKinesisStreamName>
      <ActivityStreamKmsKeyId>v-ActivityStreamKmsKeyId-i</ActivityStreamKmsKeyId>
      <ActivityStreamMode>v-ActivityStreamMode-i</ActivityStreamMode>
      <ActivityStreamPolicyStatus>v-ActivityStreamPolicyStatus-i</ActivityStreamPolicyStatus>
      <ActivityStreamStatus>v-ActivityStreamStatus-i</ActivityStreamStatus>
      <AllocatedStorage>v-AllocatedStorage-i</AllocatedStorage>
      <AutoMinorVersionUpgrade>v-AutoMinorVersionUpgrade-i</AutoMinorVersionUpgrade>
      <AutomaticRestartTime>2024-01-02T03:04:05.678Z</AutomaticRestartTime>
      <AutomationMode>v-AutomationMode-i</AutomationMode>
      <AvailabilityZone>v-AvailabilityZone-i</AvailabilityZone>
      <AwsBackupRecoveryPointArn>v-AwsBackupRecoveryPointArn-i</AwsBackupRecoveryPointArn>
      <BackupRetentionPeriod>v-BackupRetentionPeriod-i</BackupRetentionPeriod>
      <BackupTarget>v-BackupTarget-i</BackupTarget>
      <CACertificateIdentifier>v-CACertificateIdentifier-i</CACertificateIdentifier>
      <CharacterSetName>v-CharacterSetName-i</CharacterSetName>
      <CopyTagsToSnapshot>v-CopyTagsToSnapshot-i</CopyTagsToSnapshot>
      <CustomIamInstanceProfile>v-CustomIamInstanceProfile-i</CustomIamInstanceProfile>
      <CustomerOwnedIpEnabled>v-CustomerOwnedIpEnabled-i</CustomerOwnedIpEnabled>
      <DBClusterIdentifier>v-DBClusterIdentifier-i</DBClusterIdentifier>
      <DBInstanceClass>v-DBInstanceClass-i</DBInstanceClass>
      <DBInstanceStatus>v-DBInstanceStatus-i</DBInstanceStatus><DBName>v-DBName-i</DBName>
      <DBSubnetGroup><DBSubnetGroupName>v-DBSubnetGroup-DBSubnetGroupName-i</DBSubnetGroupName></DBSubnetGroup>
      <DBSystemId>v-DBSystemId-i</DBSystemId>
      <DatabaseInsightsMode>v-DatabaseInsightsMode-i</DatabaseInsightsMode>
      <DbInstancePort>v-DbInstancePort-i</DbInstancePort>
      <DbiResourceId>v-DbiResourceId-i</DbiResourceId>
      <DedicatedLogVolume>v-DedicatedLogVolume-i</DedicatedLogVolume>
      <DeletionProtection>v-DeletionProtection-i</DeletionProtection><Engine>v-Engine-i</Engine>
      <EngineLifecycleSupport>v-EngineLifecycleSupport-i</EngineLifecycleSupport>
      <EngineVersion>v-EngineVersion-i</EngineVersion>
      <EnhancedMonitoringResourceArn>v-EnhancedMonitoringResourceArn-i</EnhancedMonitoringResourceArn>
      <IAMDatabaseAuthenticationEnabled>v-IAMDatabaseAuthenticationEnabled-i</IAMDatabaseAuthenticationEnabled>
      <InstanceCreateTime>2024-01-02T03:04:05.678Z</InstanceCreateTime><Iops>v-Iops-i</Iops>
      <IsStorageConfigUpgradeAvailable>v-IsStorageConfigUpgradeAvailable-i</IsStorageConfigUpgradeAvailable>
      <KmsKeyId>v-KmsKeyId-i</KmsKeyId>
      <LatestRestorableTime>2024-01-02T03:04:05.678Z</LatestRestorableTime>
      <LicenseModel>v-LicenseModel-i</LicenseModel>
      <ListenerEndpoint><Address>v-ListenerEndpoint-Address-i</Address><HostedZoneId>v-ListenerEndpoint-HostedZoneId-i</HostedZoneId><Port>v-ListenerEndpoint-Port-i</Port></ListenerEndpoint>
      <MasterUsername>v-MasterUsername-i</MasterUsername>
      <MaxAllocatedStorage>v-MaxAllocatedStorage-i</MaxAllocatedStorage>
      <MonitoringInterval>v-MonitoringInterval-i</MonitoringInterval>
      <MonitoringRoleArn>v-MonitoringRoleArn-i</MonitoringRoleArn><MultiAZ>v-MultiAZ-i</MultiAZ>
      <MultiTenant>v-MultiTenant-i</MultiTenant>
      <NcharCharacterSetName>v-NcharCharacterSetName-i</NcharCharacterSetName>
      <NetworkType>v-NetworkType-i</NetworkType>
      <PercentProgress>v-PercentProgress-i</PercentProgress>
      <PerformanceInsightsEnabled>v-PerformanceInsightsEnabled-i</PerformanceInsightsEnabled>
      <PerformanceInsightsKMSKeyId>v-PerformanceInsightsKMSKeyId-i</PerformanceInsightsKMSKeyId>
      <PerformanceInsightsRetentionPeriod>v-PerformanceInsightsRetentionPeriod-i</PerformanceInsightsRetentionPeriod>
      <PreferredBackupWindow>v-PreferredBackupWindow-i</PreferredBackupWindow>
      <PreferredMaintenanceWindow>v-PreferredMaintenanceWindow-i</PreferredMaintenanceWindow>
      <PromotionTier>v-PromotionTier-i</PromotionTier>
      <PubliclyAccessible>v-PubliclyAccessible-i</PubliclyAccessible>
      <ReadReplicaSourceDBClusterIdentifier>v-ReadReplicaSourceDBClusterIdentifier-i</ReadReplicaSourceDBClusterIdentifier>
      <ReadReplicaSourceDBInstanceIdentifier>v-ReadReplicaSourceDBInstanceIdentifier-i</ReadReplicaSourceDBInstanceIdentifier>
      <ReplicaMode>v-ReplicaMode-i</ReplicaMode>
      <ResumeFullAutomationModeTime>2024-01-02T03:04:05.678Z</ResumeFullAutomationModeTime>
      <SecondaryAvailabilityZone>v-SecondaryAvailabilityZone-i</SecondaryAvailabilityZone>
      <StorageEncrypted>v-StorageEncrypted-i</StorageEncrypted>
      <StorageEncryptionType>v-StorageEncryptionType-i</StorageEncryptionType>
      <StorageThroughput>v-StorageThroughput-i</StorageThroughput>
      <StorageType>v-StorageType-i</StorageType>
      <StorageVolumeStatus>v-StorageVolumeStatus-i</StorageVolumeStatus>
      <TdeCredentialArn>v-TdeCredentialArn-i</TdeCredentialArn><Timezone>v-Timezone-i</Timezone>
      <UpgradeRolloutOrder>v-UpgradeRolloutOrder-i</UpgradeRolloutOrder>
      """;

  private static final String LABELS =
      """
      cluster_activity_stream_kinesis_stream_name=v-ActivityStreamKinesisStreamName-c
      cluster_activity_stream_kms_key_id=v-ActivityStreamKmsKeyId-c
      cluster_activity_stream_mode=v-ActivityStreamMode-c
      cluster_activity_stream_status=v-ActivityStreamStatus-c
      cluster_allocated_storage=v-AllocatedStorage-c
      cluster_auto_minor_version_upgrade=v-AutoMinorVersionUpgrade-c
      cluster_automatic_restart_time=2024-01-02T03:04:05Z
      cluster_aws_backup_recovery_point_arn=v-AwsBackupRecoveryPointArn-c
      cluster_backtrack_consumed_change_records=v-BacktrackConsumedChangeRecords-c
      cluster_backtrack_window=v-BacktrackWindow-c
      cluster_backup_retention_period=v-BackupRetentionPeriod-c cluster_capacity=v-Capacity-c
      cluster_character_set_name=v-CharacterSetName-c cluster_clone_group_id=v-CloneGroupId-c
      cluster_cluster_create_time=2024-01-02T03:04:05Z
      cluster_cluster_scalability_type=v-ClusterScalabilityType-c
      cluster_copy_tags_to_snapshot=v-CopyTagsToSnapshot-c
      cluster_cross_account_clone=v-CrossAccountClone-c
      cluster_database_insights_mode=v-DatabaseInsightsMode-c cluster_database_name=v-DatabaseName-c
      cluster_db_system_id=v-DBSystemId-c cluster_deletion_protection=v-DeletionProtection-c
      cluster_earliest_backtrack_time=2024-01-02T03:04:05Z
      cluster_earliest_restorable_time=2024-01-02T03:04:05Z cluster_endpoint=v-Endpoint-c
      cluster_engine=v-Engine-c cluster_engine_lifecycle_support=v-EngineLifecycleSupport-c
      cluster_engine_mode=v-EngineMode-c cluster_engine_version=v-EngineVersion-c
      cluster_global_cluster_identifier=v-GlobalClusterIdentifier-c
      cluster_global_write_forwarding_requested=v-GlobalWriteForwardingRequested-c
      cluster_global_write_forwarding_status=v-GlobalWriteForwardingStatus-c
      cluster_hosted_zone_id=v-HostedZoneId-c cluster_http_endpoint_enabled=v-HttpEndpointEnabled-c
      cluster_iam_database_authentication_enabled=v-IAMDatabaseAuthenticationEnabled-c
      cluster_identifier=v-DBClusterIdentifier-c cluster_instance_class=v-DBClusterInstanceClass-c
      cluster_io_optimized_next_allowed_modification_time=2024-01-02T03:04:05Z cluster_iops=v-Iops-c
      cluster_kms_key_id=v-KmsKeyId-c cluster_latest_restorable_time=2024-01-02T03:04:05Z
      cluster_local_write_forwarding_status=v-LocalWriteForwardingStatus-c
      cluster_master_username=v-MasterUsername-c cluster_monitoring_interval=v-MonitoringInterval-c
      cluster_monitoring_role_arn=v-MonitoringRoleArn-c cluster_multi_az=v-MultiAZ-c
      cluster_network_type=v-NetworkType-c cluster_parameter_group=v-DBClusterParameterGroup-c
      cluster_percent_progress=v-PercentProgress-c
      cluster_performance_insights_enabled=v-PerformanceInsightsEnabled-c
      cluster_performance_insights_kms_key_id=v-PerformanceInsightsKMSKeyId-c
      cluster_performance_insights_retention_period=v-PerformanceInsightsRetentionPeriod-c
      cluster_port=v-Port-c cluster_preferred_backup_window=v-PreferredBackupWindow-c
      cluster_preferred_maintenance_window=v-PreferredMaintenanceWindow-c
      cluster_publicly_accessible=v-PubliclyAccessible-c cluster_reader_endpoint=v-ReaderEndpoint-c
      cluster_replication_source_identifier=v-ReplicationSourceIdentifier-c
      cluster_resource_id=v-DbClusterResourceId-c
      cluster_serverless_v2_platform_version=v-ServerlessV2PlatformVersion-c
      cluster_status=v-Status-c cluster_storage_encrypted=v-StorageEncrypted-c
      cluster_storage_encryption_type=v-StorageEncryptionType-c
      cluster_storage_throughput=v-StorageThroughput-c cluster_storage_type=v-StorageType-c
      cluster_subnet_group=v-DBSubnetGroup-c cluster_upgrade_rollout_order=v-UpgradeRolloutOrder-c
      instance_activity_stream_engine_native_audit_fields_included=v-ActivityStreamEngineNativeAuditFieldsIncluded-i
      instance_activity_stream_kinesis_stream_name=v-ActivityStreamKinesisStreamName-i
      instance_activity_stream_kms_key_id=v-ActivityStreamKmsKeyId-i
      instance_activity_stream_mode=v-ActivityStreamMode-i
      instance_activity_stream_policy_status=v-ActivityStreamPolicyStatus-i
      instance_activity_stream_status=v-ActivityStreamStatus-i
      instance_allocated_storage=v-AllocatedStorage-i instance_arn=v-DBInstanceArn-i
      instance_auto_minor_version_upgrade=v-AutoMinorVersionUpgrade-i
      instance_automatic_restart_time=2024-01-02T03:04:05Z
      instance_automation_mode=v-AutomationMode-i instance_availability_zone=v-AvailabilityZone-i
      instance_aws_backup_recovery_point_arn=v-AwsBackupRecoveryPointArn-i
      instance_backup_retention_period=v-BackupRetentionPeriod-i
      instance_backup_target=v-BackupTarget-i
      instance_ca_certificate_identifier=v-CACertificateIdentifier-i
      instance_character_set_name=v-CharacterSetName-i instance_class=v-DBInstanceClass-i
      instance_copy_tags_to_snapshot=v-CopyTagsToSnapshot-i
      instance_custom_iam_instance_profile=v-CustomIamInstanceProfile-i
      instance_customer_owned_ip_enabled=v-CustomerOwnedIpEnabled-i
      instance_database_insights_mode=v-DatabaseInsightsMode-i
      instance_db_cluster_identifier=v-DBClusterIdentifier-i instance_db_name=v-DBName-i
      instance_db_system_id=v-DBSystemId-i instance_dedicated_log_volume=v-DedicatedLogVolume-i
      instance_deletion_protection=v-DeletionProtection-i instance_engine=v-Engine-i
      instance_engine_lifecycle_support=v-EngineLifecycleSupport-i
      instance_engine_version=v-EngineVersion-i
      instance_enhanced_monitoring_resource_arn=v-EnhancedMonitoringResourceArn-i
      instance_iam_database_authentication_enabled=v-IAMDatabaseAuthenticationEnabled-i
      instance_instance_create_time=2024-01-02T03:04:05Z instance_iops=v-Iops-i
      instance_is_storage_config_upgrade_available=v-IsStorageConfigUpgradeAvailable-i
      instance_kms_key_id=v-KmsKeyId-i instance_latest_restorable_time=2024-01-02T03:04:05Z
      instance_license_model=v-LicenseModel-i
      instance_listener_endpoint_address=v-ListenerEndpoint-Address-i
      instance_listener_endpoint_hosted_zone_id=v-ListenerEndpoint-HostedZoneId-i
      instance_listener_endpoint_port=v-ListenerEndpoint-Port-i
      instance_master_username=v-MasterUsername-i
      instance_max_allocated_storage=v-MaxAllocatedStorage-i
      instance_monitoring_interval=v-MonitoringInterval-i
      instance_monitoring_role_arn=v-MonitoringRoleArn-i instance_multi_az=v-MultiAZ-i
      instance_multi_tenant=v-MultiTenant-i
      instance_nchar_character_set_name=v-NcharCharacterSetName-i
      instance_network_type=v-NetworkType-i instance_percent_progress=v-PercentProgress-i
      instance_performance_insights_enabled=v-PerformanceInsightsEnabled-i
      instance_performance_insights_kms_key_id=v-PerformanceInsightsKMSKeyId-i
      instance_performance_insights_retention_period=v-PerformanceInsightsRetentionPeriod-i
      instance_port=v-DbInstancePort-i instance_preferred_backup_window=v-PreferredBackupWindow-i
      instance_preferred_maintenance_window=v-PreferredMaintenanceWindow-i
      instance_promotion_tier=v-PromotionTier-i instance_publicly_accessible=v-PubliclyAccessible-i
      instance_read_replica_source_db_cluster_identifier=v-ReadReplicaSourceDBClusterIdentifier-i
      instance_read_replica_source_db_instance_identifier=v-ReadReplicaSourceDBInstanceIdentifier-i
      instance_replica_mode=v-ReplicaMode-i instance_resource_id=v-DbiResourceId-i
      instance_resume_full_automation_mode_time=2024-01-02T03:04:05Z
      instance_secondary_availability_zone=v-SecondaryAvailabilityZone-i
      instance_status=v-DBInstanceStatus-i instance_storage_encrypted=v-StorageEncrypted-i
      instance_storage_encryption_type=v-StorageEncryptionType-i
      instance_storage_throughput=v-StorageThroughput-i instance_storage_type=v-StorageType-i
      instance_storage_volume_status=v-StorageVolumeStatus-i
      instance_subnet_group=v-DBSubnetGroup-DBSubnetGroupName-i
      instance_tde_credential_arn=v-TdeCredentialArn-i instance_timezone=v-Timezone-i
      instance_upgrade_rollout_order=v-UpgradeRolloutOrder-i
      """;

  private static Stub.Answer answer(String action, String content) {
    return Stub.Answer.xml(
        "<%1$sResponse><%1$sResult>%2$s</%1$sResult></%1$sResponse>".formatted(action, content));
  }

  private static String cluster(String more) {
    return CLUSTER.formatted(ARN, more);
  }

  @Override
  protected String section(String url) {
    return "rds_sd_configs: [{endpoint: '%s', %s, port: 9104}]".formatted(url, AwsStub.ACCESS);
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Prometheus 3.5.3 does not have rds_sd_configs";
  }

  @Override
  protected void serve(int targets) {
    String instances =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> INSTANCE.formatted(i, ""))
            .collect(Collectors.joining());
    stub.answer(answers(cluster(""), instances));
  }

  private static Function<Stub.Asked, Stub.Answer> answers(String clusters, String instances) {
    return asked ->
        AwsStub.action(asked).equals("DescribeDBClusters")
            ? answer("DescribeDBClusters", "<DBClusters>" + clusters + "</DBClusters>")
            : answer("DescribeDBInstances", "<DBInstances>" + instances + "</DBInstances>");
  }

  @Override
  protected String address(int number) {
    return "db-" + number + ".example:9104";
  }

  private List<Map<String, String>> refresh(String more) throws Exception {
    String section = section(stub.url()).replace("}]", more + "}]");
    return AwsStub.targets(((RdsConfig) config(section)).source(context));
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(answers(cluster(MORE_OF_CLUSTER), INSTANCE.formatted(1, MORE_OF_INSTANCE)));
    Map<String, String> labels = refresh("").getFirst();
    Map<String, String> expected = new TreeMap<>();
    expected.put("__address__", "db-1.example:9104");
    expected.put("__meta_rds_cluster_arn", ARN);
    expected.put("__meta_rds_cluster_tag_cost_center", "7");
    expected.put("__meta_rds_instance_endpoint_address", "db-1.example");
    expected.put("__meta_rds_instance_endpoint_hosted_zone_id", "Z1");
    expected.put("__meta_rds_instance_endpoint_port", "3306");
    expected.put("__meta_rds_instance_identifier", "db-1");
    expected.put("__meta_rds_instance_is_cluster_writer", "true");
    expected.put("__meta_rds_instance_tag_tier", "data");
    for (String label : LABELS.strip().split("\\s+")) {
      String[] pair = label.split("=", 2);
      expected.put("__meta_rds_" + pair[0], pair[1]);
    }
    assertThat(labels).isEqualTo(expected);
    Set<String> tags = Set.of("__meta_rds_cluster_tag_", "__meta_rds_instance_tag_");
    assertThat(AwsStub.names(labels, "__meta_rds_", tags))
        .isEqualTo(AwsStub.documented("__meta_rds_"));
  }

  @Test
  void instancesThatTellLittle() throws Exception {
    stub.answer(
        answers(cluster(""), "<DBInstance><Endpoint><Address>a</Address></Endpoint></DBInstance>"));
    assertThat(refresh(""))
        .containsExactly(
            Map.of(
                "__meta_rds_cluster_arn", ARN,
                "__meta_rds_cluster_tag_cost_center", "7",
                "__meta_rds_instance_endpoint_address", "a"));
  }

  @Test
  void asksForPagesOfWhatTheFiltersLetThrough() throws Exception {
    stub.answer(asked -> {
      String action = AwsStub.action(asked);
      boolean second = AwsStub.form(asked).getOrDefault("Marker", "").equals("m/1");
      String marker = second ? "" : "<Marker>m/1</Marker>";
      String clusters = "<DBClusters>" + (second ? "" : cluster("")) + "</DBClusters>";
      String instance = INSTANCE.formatted(second ? 2 : 1, "");
      return answer(
          action,
          marker
              + (action.equals("DescribeDBClusters")
                  ? clusters
                  : "<DBInstances>" + instance + "</DBInstances>"));
    });
    assertThat(refresh(", filters: [{name: engine, values: [mysql, postgres]}]")).hasSize(2);
    assertThat(stub.asked()).hasSize(4);
    Map<String, String> clusters = new TreeMap<>();
    clusters.put("Action", "DescribeDBClusters");
    clusters.put("Version", "2014-10-31");
    clusters.put("MaxRecords", "100");
    assertThat(AwsStub.form(stub.asked().getFirst())).isEqualTo(clusters);
    Map<String, String> instances = new TreeMap<>();
    instances.put("Action", "DescribeDBInstances");
    instances.put("Version", "2014-10-31");
    instances.put("MaxRecords", "100");
    instances.put("Filters.Filter.1.Name", "db-cluster-id");
    instances.put("Filters.Filter.1.Values.Value.1", ARN);
    instances.put("Filters.Filter.2.Name", "engine");
    instances.put("Filters.Filter.2.Values.Value.1", "mysql");
    instances.put("Filters.Filter.2.Values.Value.2", "postgres");
    assertThat(AwsStub.form(stub.asked().get(2))).isEqualTo(instances);
    instances.put("Marker", "m/1");
    assertThat(AwsStub.form(stub.asked().get(3))).isEqualTo(instances);
    assertThat(stub.asked().getFirst().header("Authorization"))
        .contains("/eu-west-1/rds/aws4_request");
  }

  @Test
  void clustersByName() throws Exception {
    serve(2);
    assertThat(refresh(", clusters: ['" + ARN + "']")).hasSize(2);
    assertThat(AwsStub.form(stub.asked().getFirst())).containsEntry("DBClusterIdentifier", ARN);
    stub.answer(answers("", ""));
    assertThatThrownBy(() -> refresh(", clusters: [other]"))
        .hasMessage("no DB cluster found for ARN other");
  }

  @Test
  void asksAboutManyClustersAtOnceButNotTooMany() throws Exception {
    String clusters =
        IntStream.range(0, 40)
            .mapToObj(i -> CLUSTER.formatted(ARN + i, ""))
            .collect(Collectors.joining());
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch four = new CountDownLatch(4);
    Function<Stub.Asked, Stub.Answer> answers = answers(clusters, INSTANCE.formatted(1, ""));
    stub.answer(asked -> {
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      try {
        if (AwsStub.action(asked).equals("DescribeDBInstances")) {
          four.countDown();
          if (!four.await(10, TimeUnit.SECONDS)) {
            return Stub.Answer.status(400, "never four at once");
          }
        }
        return answers.apply(asked);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Stub.Answer.status(400, "interrupted");
      } finally {
        now.decrementAndGet();
      }
    });
    assertThat(refresh(", request_concurrency: 4")).hasSize(40);
    assertThat(most).hasValue(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          403 | <ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token is invalid</Message></Error></ErrorResponse> | RDS DescribeDBClusters: 403 Forbidden: InvalidClientTokenId: The security token is invalid
          200 | <DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster><DBClusterArn>a</DBClusterArn></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse> | RDS DescribeDBInstances: the answer is an element <DescribeDBClustersResponse>
          200 | <DescribeDBClustersResponse/> | RDS DescribeDBClusters: the answer has no <DescribeDBClustersResult>
          """)
  void wrongAnswers(int status, String body, String message) {
    stub.answer(asked -> new Stub.Answer(status, "text/xml", body, Map.of()));
    assertThatThrownBy(() -> refresh("")).isInstanceOf(IOException.class).hasMessage(message);
  }

  @Test
  void timesThatAreNone() {
    String wrong = cluster("<ClusterCreateTime>then</ClusterCreateTime>");
    stub.answer(answers(wrong, INSTANCE.formatted(1, "")));
    assertThatThrownBy(() -> refresh("")).hasMessage("\"then\" is no point in time");
  }
}
