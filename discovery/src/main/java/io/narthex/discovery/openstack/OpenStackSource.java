package io.narthex.discovery.openstack;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Logs in for each question, as upstream does, and asks for what the role wants. */
final class OpenStackSource implements Source {

  /** What a role asks for. */
  @FunctionalInterface
  interface Finder {
    /** The targets there are now. */
    List<Labels> find(Session session) throws IOException, InterruptedException;
  }

  private final OpenStackConfig config;
  private final ApiClient api;
  private final Keystone keystone;
  private final Finder finder;

  /**
   * @param environment of the process, which says who logs in where the configuration does not
   */
  OpenStackSource(OpenStackConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    this.config = config;
    Login login = config.identityEndpoint().isEmpty() ? Login.of(environment) : Login.of(config);
    this.api =
        new ApiClient(
            new HttpClientConfig(null, null, config.tls(), true, true, ProxyConfig.NONE, Map.of()),
            context);
    this.keystone = new Keystone(login, api, config.refreshInterval());
    this.finder =
        switch (config.role()) {
          case HYPERVISOR -> session -> Hypervisors.find(session, config.port());
          case INSTANCE -> new Instances(config.port(), config.allTenants())::find;
          case LOADBALANCER -> LoadBalancers::find;
        };
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    Keystone.Granted granted;
    try {
      granted = keystone.logIn();
    } catch (IOException e) {
      throw new IOException("could not authenticate to OpenStack: " + e.getMessage(), e);
    }
    Session session =
        new Session(api, granted, config.region(), config.availability(), config.refreshInterval());
    return List.of(new TargetGroup("OS_" + config.region(), Labels.EMPTY, finder.find(session)));
  }

  @Override
  public void close() {
    api.close();
  }
}
