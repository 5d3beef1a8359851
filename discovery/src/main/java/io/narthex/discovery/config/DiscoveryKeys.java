package io.narthex.discovery.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.file.FileConfig;
import io.narthex.discovery.fixed.StaticConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The discovery keys of a configuration section: where a job, or the list of Alertmanagers, says
 * where its targets come from.
 */
public final class DiscoveryKeys {

  /** Mechanisms of upstream whose work is still to come. */
  private static final String[] LATER = {
    "aws_sd_configs",
    "azure_sd_configs",
    "consul_sd_configs",
    "digitalocean_sd_configs",
    "dns_sd_configs",
    "docker_sd_configs",
    "dockerswarm_sd_configs",
    "ec2_sd_configs",
    "ecs_sd_configs",
    "elasticache_sd_configs",
    "eureka_sd_configs",
    "gce_sd_configs",
    "hetzner_sd_configs",
    "http_sd_configs",
    "ionos_sd_configs",
    "kubernetes_sd_configs",
    "kuma_sd_configs",
    "lightsail_sd_configs",
    "linode_sd_configs",
    "marathon_sd_configs",
    "msk_sd_configs",
    "nerve_sd_configs",
    "nomad_sd_configs",
    "oci_sd_configs",
    "openstack_sd_configs",
    "outscale_sd_configs",
    "ovhcloud_sd_configs",
    "puppetdb_sd_configs",
    "rds_sd_configs",
    "scaleway_sd_configs",
    "serverset_sd_configs",
    "stackit_sd_configs",
    "triton_sd_configs",
    "uyuni_sd_configs",
    "vultr_sd_configs",
  };

  private DiscoveryKeys() {}

  /** Reads the keys from the map they lie in, which the caller finishes. */
  public static List<DiscoveryConfig> read(YamlMap map) {
    List<DiscoveryConfig> configs = new ArrayList<>();
    StaticConfig fixed = map.optional(StaticConfig.KEY, StaticConfig::decode);
    if (fixed != null && !fixed.groups().isEmpty()) {
      configs.add(fixed);
    }
    configs.addAll(map.list(FileConfig.KEY, "[]*file.SDConfig", FileConfig::decode));
    map.notYet(LATER);
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
    List<FileConfig> files = new ArrayList<>();
    for (DiscoveryConfig config : configs) {
      if (config instanceof FileConfig file) {
        files.add(file);
      }
    }
    out.maps(FileConfig.KEY, files, FileConfig::write);
    for (DiscoveryConfig config : configs) {
      if (config instanceof StaticConfig fixed) {
        fixed.write(out);
      }
    }
  }
}
