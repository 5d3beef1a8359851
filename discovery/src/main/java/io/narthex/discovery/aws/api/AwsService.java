package io.narthex.discovery.aws.api;

/** The services that are asked. */
public enum AwsService {
  EC2("ec2", "2016-11-15"),
  ECS("ecs", "AmazonEC2ContainerServiceV20141113"),
  ELASTICACHE("elasticache", "2015-02-02"),
  /** Managed streaming for Kafka, whose API goes by the latter name. */
  KAFKA("kafka", ""),
  LIGHTSAIL("lightsail", "Lightsail_20161128"),
  RDS("rds", "2014-10-31");

  private final String host;
  private final String version;

  AwsService(String host, String version) {
    this.host = host;
    this.version = version;
  }

  /** Its name in hosts and signatures. */
  String host() {
    return host;
  }

  /** The version of its API, or what stands in front of its actions in JSON's target. */
  String version() {
    return version;
  }
}
