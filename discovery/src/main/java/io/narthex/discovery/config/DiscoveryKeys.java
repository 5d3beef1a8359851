package io.narthex.discovery.config;

import io.narthex.base.yaml.YamlDecoder;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.aws.AwsConfig;
import io.narthex.discovery.aws.ClusterConfig.Service;
import io.narthex.discovery.aws.Ec2Config;
import io.narthex.discovery.aws.LightsailConfig;
import io.narthex.discovery.aws.RdsConfig;
import io.narthex.discovery.azure.AzureConfig;
import io.narthex.discovery.consul.ConsulConfig;
import io.narthex.discovery.digitalocean.DigitalOceanConfig;
import io.narthex.discovery.dns.DnsConfig;
import io.narthex.discovery.docker.DockerConfig;
import io.narthex.discovery.dockerswarm.DockerSwarmConfig;
import io.narthex.discovery.eureka.EurekaConfig;
import io.narthex.discovery.file.FileConfig;
import io.narthex.discovery.fixed.StaticConfig;
import io.narthex.discovery.gce.GceConfig;
import io.narthex.discovery.hetzner.HetznerConfig;
import io.narthex.discovery.http.HttpConfig;
import io.narthex.discovery.ionos.IonosConfig;
import io.narthex.discovery.kubernetes.KubernetesConfig;
import io.narthex.discovery.kuma.KumaConfig;
import io.narthex.discovery.linode.LinodeConfig;
import io.narthex.discovery.marathon.MarathonConfig;
import io.narthex.discovery.nerve.NerveConfig;
import io.narthex.discovery.nomad.NomadConfig;
import io.narthex.discovery.oci.OciConfig;
import io.narthex.discovery.openstack.OpenStackConfig;
import io.narthex.discovery.outscale.OutscaleConfig;
import io.narthex.discovery.ovhcloud.OvhCloudConfig;
import io.narthex.discovery.puppetdb.PuppetDbConfig;
import io.narthex.discovery.scaleway.ScalewayConfig;
import io.narthex.discovery.serverset.ServersetConfig;
import io.narthex.discovery.stackit.StackitConfig;
import io.narthex.discovery.triton.TritonConfig;
import io.narthex.discovery.uyuni.UyuniConfig;
import io.narthex.discovery.vultr.VultrConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The discovery keys of a configuration section: where a job, or the list of Alertmanagers, says
 * where its targets come from.
 */
public final class DiscoveryKeys {

  /**
   * A mechanism that stands in a list of its own.
   *
   * @param key the list's key
   * @param goType what messages call an element
   */
  private record Mechanism(
      String key, String goType, YamlDecoder<? extends DiscoveryConfig> decoder) {

    List<? extends DiscoveryConfig> read(YamlMap map) {
      return map.list(key, "[]*" + goType, decoder);
    }
  }

  /** All but the static one, in the order of their keys, which is that of upstream's output. */
  private static final List<Mechanism> MECHANISMS =
      List.of(
          new Mechanism(AwsConfig.KEY, "aws.SDConfig", AwsConfig::decode),
          new Mechanism(AzureConfig.KEY, "azure.SDConfig", AzureConfig::decode),
          new Mechanism(ConsulConfig.KEY, "consul.SDConfig", ConsulConfig::decode),
          new Mechanism(
              DigitalOceanConfig.KEY, "digitalocean.SDConfig", DigitalOceanConfig::decode),
          new Mechanism(DnsConfig.KEY, "dns.SDConfig", DnsConfig::decode),
          new Mechanism(DockerConfig.KEY, "moby.DockerSDConfig", DockerConfig::decode),
          new Mechanism(
              DockerSwarmConfig.KEY, "moby.DockerSwarmSDConfig", DockerSwarmConfig::decode),
          new Mechanism(Ec2Config.KEY, "aws.EC2SDConfig", Ec2Config::decode),
          new Mechanism(Service.ECS.key(), "aws.ECSSDConfig", Service.ECS::decode),
          new Mechanism(
              Service.ELASTICACHE.key(), "aws.ElasticacheSDConfig", Service.ELASTICACHE::decode),
          new Mechanism(EurekaConfig.KEY, "eureka.SDConfig", EurekaConfig::decode),
          new Mechanism(FileConfig.KEY, "file.SDConfig", FileConfig::decode),
          new Mechanism(GceConfig.KEY, "gce.SDConfig", GceConfig::decode),
          new Mechanism(HetznerConfig.KEY, "hetzner.SDConfig", HetznerConfig::decode),
          new Mechanism(HttpConfig.KEY, "http.SDConfig", HttpConfig::decode),
          new Mechanism(IonosConfig.KEY, "ionos.SDConfig", IonosConfig::decode),
          new Mechanism(KubernetesConfig.KEY, "kubernetes.SDConfig", KubernetesConfig::decode),
          new Mechanism(KumaConfig.KEY, "xds.KumaSDConfig", KumaConfig::decode),
          new Mechanism(LightsailConfig.KEY, "aws.LightsailSDConfig", LightsailConfig::decode),
          new Mechanism(LinodeConfig.KEY, "linode.SDConfig", LinodeConfig::decode),
          new Mechanism(MarathonConfig.KEY, "marathon.SDConfig", MarathonConfig::decode),
          new Mechanism(Service.MSK.key(), "aws.MSKSDConfig", Service.MSK::decode),
          new Mechanism(NerveConfig.KEY, "zookeeper.NerveSDConfig", NerveConfig::decode),
          new Mechanism(NomadConfig.KEY, "nomad.SDConfig", NomadConfig::decode),
          new Mechanism(OciConfig.KEY, "oci.SDConfig", OciConfig::decode),
          new Mechanism(OpenStackConfig.KEY, "openstack.SDConfig", OpenStackConfig::decode),
          new Mechanism(OutscaleConfig.KEY, "outscale.SDConfig", OutscaleConfig::decode),
          new Mechanism(OvhCloudConfig.KEY, "ovhcloud.SDConfig", OvhCloudConfig::decode),
          new Mechanism(PuppetDbConfig.KEY, "puppetdb.SDConfig", PuppetDbConfig::decode),
          new Mechanism(RdsConfig.KEY, "aws.RDSSDConfig", RdsConfig::decode),
          new Mechanism(ScalewayConfig.KEY, "scaleway.SDConfig", ScalewayConfig::decode),
          new Mechanism(
              ServersetConfig.KEY, "zookeeper.ServersetSDConfig", ServersetConfig::decode),
          new Mechanism(StackitConfig.KEY, "stackit.SDConfig", StackitConfig::decode),
          new Mechanism(TritonConfig.KEY, "triton.SDConfig", TritonConfig::decode),
          new Mechanism(UyuniConfig.KEY, "uyuni.SDConfig", UyuniConfig::decode),
          new Mechanism(VultrConfig.KEY, "vultr.SDConfig", VultrConfig::decode));

  private DiscoveryKeys() {}

  /** Reads the keys from the map they lie in, which the caller finishes. */
  public static List<DiscoveryConfig> read(YamlMap map) {
    List<DiscoveryConfig> configs = new ArrayList<>();
    StaticConfig fixed = map.optional(StaticConfig.KEY, StaticConfig::decode);
    if (fixed != null && !fixed.groups().isEmpty()) {
      configs.add(fixed);
    }
    for (Mechanism mechanism : MECHANISMS) {
      configs.addAll(mechanism.read(map));
    }
    return List.copyOf(configs);
  }

  /** The addresses of all static groups. */
  public static List<String> staticAddresses(List<DiscoveryConfig> configs) {
    List<String> addresses = new ArrayList<>();
    for (DiscoveryConfig config : configs) {
      if (config instanceof StaticConfig fixed) {
        fixed.groups().forEach(group -> addresses.addAll(group.targets()));
      }
    }
    return addresses;
  }

  /** Writes the keys into the map they lie in, as upstream orders them. */
  public static void write(YamlWriter.Map out, List<DiscoveryConfig> configs) {
    boolean staticWritten = false;
    for (Mechanism mechanism : MECHANISMS) {
      if (!staticWritten && mechanism.key.compareTo(StaticConfig.KEY) > 0) {
        writeStatic(out, configs);
        staticWritten = true;
      }
      out.maps(
          mechanism.key,
          configs.stream().filter(config -> config.key().equals(mechanism.key)).toList(),
          DiscoveryConfig::write);
    }
  }

  private static void writeStatic(YamlWriter.Map out, List<DiscoveryConfig> configs) {
    for (DiscoveryConfig config : configs) {
      if (config instanceof StaticConfig fixed) {
        fixed.write(out);
      }
    }
  }
}
