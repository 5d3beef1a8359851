package io.narthex.discovery.openstack;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Choice;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.TlsConfig;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where to look for hypervisors, instances or load balancers of OpenStack.
 *
 * @param identityEndpoint the identity service, empty for what the environment says
 * @param username who asks
 * @param userId who asks, by number
 * @param password the password
 * @param projectName the project
 * @param projectId likewise
 * @param domainName the domain
 * @param domainId likewise
 * @param applicationCredentialName an application credential instead of a password
 * @param applicationCredentialId likewise
 * @param applicationCredentialSecret its secret
 * @param role what is looked for
 * @param region the region
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param allTenants whether instances of all projects are listed
 * @param tls TLS towards the services
 * @param availability which endpoints are asked: public, admin or internal
 */
public record OpenStackConfig(
    String identityEndpoint,
    String username,
    String userId,
    String password,
    String projectName,
    String projectId,
    String domainName,
    String domainId,
    String applicationCredentialName,
    String applicationCredentialId,
    String applicationCredentialSecret,
    Role role,
    String region,
    Duration refreshInterval,
    int port,
    boolean allTenants,
    TlsConfig tls,
    String availability)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "openstack_sd_configs";

  /** What openstack can be asked for. */
  public enum Role implements Choice {
    HYPERVISOR("hypervisor"),
    INSTANCE("instance"),
    LOADBALANCER("loadbalancer");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Role decode(YamlValue value) {
      return Choice.decode(
          value, values(), name -> "unknown OpenStack SD role " + GoQuote.quote(name));
    }
  }

  /** Reads one configuration. */
  public static OpenStackConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "openstack.plain");
    String identityEndpoint = map.text("identity_endpoint", "");
    String username = map.text("username", "");
    String userId = map.text("userid", "");
    String password = map.text("password", "config.Secret", "");
    String projectName = map.text("project_name", "");
    String projectId = map.text("project_id", "");
    String domainName = map.text("domain_name", "");
    String domainId = map.text("domain_id", "");
    String applicationCredentialName = map.text("application_credential_name", "");
    String applicationCredentialId = map.text("application_credential_id", "");
    String applicationCredentialSecret =
        map.text("application_credential_secret", "config.Secret", "");
    @Nullable Role role = map.optional("role", Role::decode);
    String region = map.text("region", "");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    boolean allTenants = map.bool("all_tenants", false);
    TlsConfig tls = map.value("tls_config", TlsConfig.DEFAULT, TlsConfig::decode);
    String availability = map.text("availability", "public");
    map.finish();
    if (!List.of("public", "internal", "admin").contains(availability)) {
      throw map.error(
          "availability",
          "unknown availability " + availability + ", must be one of admin, internal or public");
    }
    if (role == null) {
      throw map.self().error("role missing (one of: instance, hypervisor, loadbalancer)");
    }
    return new OpenStackConfig(
        identityEndpoint,
        username,
        userId,
        password,
        projectName,
        projectId,
        domainName,
        domainId,
        applicationCredentialName,
        applicationCredentialId,
        applicationCredentialSecret,
        role,
        region,
        refreshInterval,
        port,
        allTenants,
        tls,
        availability);
  }

  @Override
  public String mechanism() {
    return "openstack";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new OpenStackSource(this, context, System.getenv()));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("identity_endpoint", identityEndpoint);
    out.put("username", username);
    out.put("userid", userId);
    out.secretOrNull("password", password);
    out.put("project_name", projectName);
    out.put("project_id", projectId);
    out.put("domain_name", domainName);
    out.put("domain_id", domainId);
    out.put("application_credential_name", applicationCredentialName);
    out.put("application_credential_id", applicationCredentialId);
    out.secretOrNull("application_credential_secret", applicationCredentialSecret);
    out.put("role", role.text());
    out.put("region", region);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    out.flag("all_tenants", allTenants);
    out.mapIfAny("tls_config", tls::write);
    out.text("availability", availability);
  }
}
