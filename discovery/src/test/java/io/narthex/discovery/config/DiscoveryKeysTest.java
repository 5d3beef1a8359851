package io.narthex.discovery.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every mechanism's section: its defaults, all its keys, and what is refused. */
final class DiscoveryKeysTest {

  private static List<DiscoveryConfig> decode(YamlValue value) {
    YamlMap map = value.map("config.ScrapeConfig");
    List<DiscoveryConfig> configs = DiscoveryKeys.read(map);
    map.finish();
    return configs;
  }

  private static Yaml.Decoded<List<DiscoveryConfig>> read(String yaml) {
    return Yaml.decodeAll(yaml, Path.of("/etc"), text -> text, DiscoveryKeysTest::decode);
  }

  private static String printed(String yaml) {
    List<DiscoveryConfig> configs = read(yaml).value();
    return YamlWriter.print(out -> DiscoveryKeys.write(out, configs));
  }

  /** A section with what it must have, and what it prints: lines are separated by semicolons. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          aws | {role: ec2} | role: ec2;endpoint: "";region: "";refresh_interval: 1m;port: 80;request_concurrency: 10;filters: [];follow_redirects: true;enable_http2: true
          azure | {subscription_id: s, tenant_id: t, client_id: c, client_secret: x} | environment: AzurePublicCloud;port: 80;subscription_id: s;tenant_id: t;client_id: c;client_secret: <secret>;refresh_interval: 5m;authentication_method: OAuth;follow_redirects: true;enable_http2: true
          consul | {} | server: localhost:8500;tag_separator: ',';scheme: http;allow_stale: true;refresh_interval: 30s;follow_redirects: true;enable_http2: true
          consul | {username: u, password: p} | server: localhost:8500;tag_separator: ',';scheme: http;username: u;password: <secret>;allow_stale: true;refresh_interval: 30s;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          digitalocean | {} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80;role: droplets
          dns | {names: [h]} | names:;- h;refresh_interval: 30s;type: SRV;port: 0
          docker | {host: 'unix:///d'} | follow_redirects: true;enable_http2: true;host: unix:///d;port: 80;filters: [];host_networking_host: localhost;refresh_interval: 1m;match_first_network: true
          dockerswarm | {host: 'http://d', role: nodes} | follow_redirects: true;enable_http2: true;host: http://d;role: nodes;port: 80;filters: [];refresh_interval: 1m
          ec2 | {} | endpoint: "";region: "";refresh_interval: 1m;port: 80;filters: [];follow_redirects: true;enable_http2: true
          ecs | {} | endpoint: "";region: "";port: 80;refresh_interval: 1m;request_concurrency: 20;follow_redirects: true;enable_http2: true
          elasticache | {} | endpoint: "";region: "";port: 80;refresh_interval: 1m;request_concurrency: 10;follow_redirects: true;enable_http2: true
          eureka | {server: 'http://e'} | server: http://e;follow_redirects: true;enable_http2: true;refresh_interval: 30s
          gce | {project: p, zone: z} | project: p;zone: z;refresh_interval: 1m;port: 80;tag_separator: ','
          hetzner | {role: robot} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80;role: robot
          http | {url: 'http://h/t'} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;url: http://h/t
          ionos | {datacenter_id: d} | datacenter_id: d;follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80
          kubernetes | {role: pod} | role: pod;kubeconfig_file: "";follow_redirects: true;enable_http2: true
          kuma | {server: 'http://k'} | follow_redirects: true;enable_http2: true;refresh_interval: 15s;fetch_timeout: 2m;server: http://k
          lightsail | {} | endpoint: "";region: "";refresh_interval: 1m;port: 80;follow_redirects: true;enable_http2: true
          linode | {} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80;tag_separator: ','
          marathon | {servers: [http://m]} | servers:;- http://m;refresh_interval: 30s;follow_redirects: true;enable_http2: true
          msk | {} | endpoint: "";region: "";port: 80;refresh_interval: 1m;request_concurrency: 10;follow_redirects: true;enable_http2: true
          nerve | {servers: [z], paths: [/p]} | servers:;- z;paths:;- /p;timeout: 10s
          nomad | {} | allow_stale: true;follow_redirects: true;enable_http2: true;namespace: default;refresh_interval: 1m;region: global;server: http://localhost:4646;tag_separator: ','
          oci | {tenancy: t, user: u, fingerprint: f, key_file: /k, region: r} | auth: api_key;tenancy: t;user: u;fingerprint: f;key_file: /k;region: r;port: 80;refresh_interval: 1m;follow_redirects: true;enable_http2: true
          openstack | {role: instance} | identity_endpoint: "";username: "";userid: "";password: null;project_name: "";project_id: "";domain_name: "";domain_id: "";application_credential_name: "";application_credential_id: "";application_credential_secret: null;role: instance;region: "";refresh_interval: 1m;port: 80;availability: public
          outscale | {access_key: a, secret_key: x} | region: eu-west-2;access_key: a;secret_key: <secret>;refresh_interval: 1m;port: 80;follow_redirects: true;enable_http2: true
          ovhcloud | {application_key: a, application_secret: x, consumer_key: x, service: vps} | endpoint: ovh-eu;application_key: a;application_secret: <secret>;consumer_key: <secret>;refresh_interval: 1m;service: vps
          puppetdb | {url: 'http://p', query: q} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;url: http://p;query: q;include_parameters: false;port: 80
          rds | {} | endpoint: "";region: "";filters: [];port: 80;refresh_interval: 1m;request_concurrency: 10;follow_redirects: true;enable_http2: true
          scaleway | {role: instance, project_id: p, access_key: a, secret_key: x} | project_id: p;api_url: https://api.scaleway.com;zone: fr-par-1;access_key: a;secret_key: <secret>;secret_key_file: "";follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80;role: instance
          serverset | {servers: [z], paths: [/p]} | servers:;- z;paths:;- /p;timeout: 10s
          stackit | {} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80;region: eu01;endpoint: "";project: "";service_account_key: null;private_key: null;service_account_key_path: "";private_key_path: "";credentials_file_path: ""
          triton | {account: a, dns_suffix: d, endpoint: e} | account: a;role: container;dns_suffix: d;endpoint: e;port: 9163;refresh_interval: 1m;version: 1
          uyuni | {server: 'http://u', username: u, password: x} | server: http://u;username: u;password: <secret>;follow_redirects: true;enable_http2: true;entitlement: monitoring_entitled;separator: ',';refresh_interval: 1m
          vultr | {} | follow_redirects: true;enable_http2: true;refresh_interval: 1m;port: 80
          """)
  void defaults(String mechanism, String section, String expected) {
    String key = mechanism + "_sd_configs";
    assertThat(printed(key + ": [" + section + "]"))
        .isEqualTo(key + ":\n- " + expected.replace(";", "\n  ") + "\n");
    assertThat(read(key + ": [" + section + "]").value().getFirst().mechanism())
        .isEqualTo(mechanism);
  }

  /** All keys with values that are not the defaults: what is printed is what was read. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          aws | role: rds;endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;refresh_interval: 7s;port: 7;request_concurrency: 7;filters:;- name: v;  values:;  - w;clusters:;- v;- w;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          azure | environment: v;port: 7;subscription_id: v;tenant_id: v;client_id: v;client_secret: <secret>;refresh_interval: 7s;authentication_method: SDK;resource_group: v;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          consul | server: v;path_prefix: v;token: <secret>;datacenter: v;namespace: v;partition: v;tag_separator: v;scheme: v;allow_stale: false;refresh_interval: 7s;services:;- v;- w;tags:;- v;- w;node_meta:;  a: b;filter: v;health_filter: v;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          digitalocean | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7;role: databases
          dns | names:;- h;refresh_interval: 7s;type: A;port: 7
          docker | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;host: tcp://h:1;port: 7;filters:;- name: v;  values:;  - w;host_networking_host: v;refresh_interval: 7s;match_first_network: false
          dockerswarm | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;host: tcp://h:1;role: nodes;port: 7;filters:;- name: v;  values:;  - w;refresh_interval: 7s
          ec2 | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;refresh_interval: 7s;port: 7;filters:;- name: v;  values:;  - w;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          ecs | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;clusters:;- v;- w;port: 7;refresh_interval: 7s;request_concurrency: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          elasticache | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;clusters:;- v;- w;port: 7;refresh_interval: 7s;request_concurrency: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          eureka | server: http://e;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s
          gce | project: v;zone: v;filter: v;refresh_interval: 7s;port: 7;tag_separator: v
          hetzner | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7;role: hcloud;label_selector: v
          http | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;url: http://h
          ionos | datacenter_id: v;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7
          kubernetes | api_server: http://a;role: endpoints;kubeconfig_file: "";basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;namespaces:;  own_namespace: false;  names:;  - v;selectors:;- role: pod;  label: a=b;  field: c=d;- role: service;  label: e in (f, g);attach_metadata:;  node: true;  namespace: true;  deployment: true;  job: true;  cronjob: true
          kuma | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;fetch_timeout: 7s;server: http://k;client_id: v
          lightsail | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;refresh_interval: 7s;port: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          linode | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7;tag_separator: v;region: v
          marathon | servers:;- v;- w;refresh_interval: 7s;auth_token: <secret>;follow_redirects: true;enable_http2: true
          msk | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;clusters:;- v;- w;port: 7;refresh_interval: 7s;request_concurrency: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          nerve | servers:;- v;- w;paths:;- /p;timeout: 7s
          nomad | allow_stale: false;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;namespace: v;refresh_interval: 7s;region: v;server: v;tag_separator: v
          oci | auth: api_key;tenancy: v;user: v;fingerprint: v;key_file: /f;key_passphrase: <secret>;region: v;compartments:;- v;- w;port: 7;refresh_interval: 7s;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          openstack | identity_endpoint: v;username: v;userid: v;password: <secret>;project_name: v;project_id: v;domain_name: v;domain_id: v;application_credential_name: v;application_credential_id: v;application_credential_secret: <secret>;role: loadbalancer;region: v;refresh_interval: 7s;port: 7;all_tenants: true;tls_config:;  server_name: v;  insecure_skip_verify: false;availability: admin
          outscale | endpoint: v;region: v;access_key: v;secret_key: <secret>;refresh_interval: 7s;port: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          ovhcloud | endpoint: v;application_key: v;application_secret: <secret>;consumer_key: <secret>;refresh_interval: 7s;service: dedicated_server
          puppetdb | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;url: http://p;query: v;include_parameters: true;port: 7
          rds | endpoint: v;region: v;access_key: v;secret_key: <secret>;profile: v;role_arn: v;external_id: v;clusters:;- v;- w;filters:;- name: v;  values:;  - w;port: 7;refresh_interval: 7s;request_concurrency: 7;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true
          scaleway | project_id: v;api_url: v;zone: v;access_key: v;secret_key: <secret>;secret_key_file: "";name_filter: v;tags_filter:;- v;- w;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7;role: baremetal
          serverset | servers:;- v;- w;paths:;- /p;timeout: 7s
          stackit | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7;region: v;endpoint: v;project: v;service_account_key: <secret>;private_key: <secret>;service_account_key_path: /f;private_key_path: /f;credentials_file_path: /f
          triton | account: v;role: cn;dns_suffix: v;endpoint: v;groups:;- v;- w;port: 7;refresh_interval: 7s;tls_config:;  server_name: v;  insecure_skip_verify: false;version: 7
          uyuni | server: http://u;username: v;password: <secret>;basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;entitlement: v;separator: v;refresh_interval: 7s
          vultr | basic_auth:;  username: u;  password: <secret>;follow_redirects: true;enable_http2: true;refresh_interval: 7s;port: 7
          """)
  void everyKey(String mechanism, String section) {
    String yaml = mechanism + "_sd_configs:\n- " + section.replace(";", "\n  ") + "\n";
    assertThat(printed(yaml)).isEqualTo(yaml);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          azure: [{subscription_id: s}] | azure SD configuration requires a tenant_id
          consul: [{server: ' '}] | consul SD configuration requires a server address
          consul: [{username: u, basic_auth: {username: u}}] | at most one of consul SD configuration username and password and basic auth can be configured
          consul: [{username: u, authorization: {credentials: c}}] | at most one of basic_auth, oauth2 & authorization must be configured
          consul: [{username: u, bearer_token: t}] | at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured
          consul: [{token: t, authorization: {credentials: c}}] | at most one of consul SD token, authorization, or oauth2 can be configured
          digitalocean: [{role: x}] | unknown DigitalOcean SD role "x"
          dns: [{}] | DNS-SD config must contain at least one SRV record name
          dns: [{names: [a], type: A}] | a port is required in DNS-SD configs for all record types except SRV
          dns: [{names: [a], type: X}] | invalid DNS-SD records type X
          docker: [{}] | host missing
          dockerswarm: [{host: h}] | role missing (one of: tasks, services, nodes)
          dockerswarm: [{host: h, role: x}] | invalid role x, expected tasks, services, or nodes
          ec2: [{filters: [{name: a}]}] | EC2 SD configuration filter values cannot be empty
          ecs: [{request_concurrency: 0}] | ecs_sd: request_concurrency must be positive, got 0
          eureka: [{server: a}] | eureka_sd: invalid eureka server URL
          gce: [{project: p}] | GCE SD configuration requires a zone
          hetzner: [{}] | role missing (one of: robot, hcloud)
          http: [{url: 'ftp://a'}] | URL scheme must be 'http' or 'https'
          http: [{url: 'http://a b'}] | parse "http://a b": invalid character " " in host name
          http: [{url: 'http://a:b'}] | parse "http://a:b": invalid port ":b" after host
          http: [null] | empty or null section in http_sd_configs
          kubernetes: [{}] | role missing (one of: pod, service, endpoints, endpointslice, node, ingress)
          kubernetes: [{role: x}] | unknown Kubernetes SD role "x"
          kubernetes: [{role: pod, selectors: [{role: pod, label: 'a b'}]}] | unable to parse requirement: invalid label selector 'a b'
          kuma: [{}] | kuma SD server must not be empty and have a scheme:
          nerve: [{servers: [a], paths: [b]}] | nerve SD config paths must begin with '/': b
          nomad: [{server: ''}] | nomad SD configuration requires a server address
          oci: [{region: r}] | oci_sd: api_key auth requires tenancy
          oci: [{auth: instance_principal, tenancy: t, region: r}] | oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set
          openstack: [{}] | role missing (one of: instance, hypervisor, loadbalancer)
          scaleway: [{role: instance}] | project_id is mandatory
          serverset: [{}] | serverset SD config must contain at least one Zookeeper server
          stackit: [{region: ''}] | endpoint or region missing
          triton: [{}] | triton SD configuration requires an account
          uyuni: [{server: 'http://a'}] | Uyuni SD configuration requires a username
          aws: [{role: x}] | unknown AWS SD role "x"
          """)
  void brokenRules(String section, String message) {
    String yaml = section.replaceFirst(":", "_sd_configs:");
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(YamlException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void misspeltKeysAreTold() {
    assertThatThrownBy(() -> read("hetzner_sd_configs: [{role: robot, prot: 1}]"))
        .hasMessage(
            "yaml: unmarshal errors:\n  line 1: field prot not found in type hetzner.plain (did you"
                + " mean \"port\"?)");
  }
}
