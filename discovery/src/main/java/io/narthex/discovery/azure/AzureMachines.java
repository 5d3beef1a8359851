package io.narthex.discovery.azure;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machines of a subscription of Azure, each with the address of its primary network interface.
 * Interfaces are asked for one by one, some at a time, and remembered for a while.
 */
final class AzureMachines implements Source {

  private static final Logger LOG = LoggerFactory.getLogger(AzureMachines.class);

  private static final String PREFIX = "__meta_azure_";

  /** Questions at a time; the client keeps as many connections. */
  private static final int MOST_QUESTIONS = 16;

  private final AzureConfig config;
  private final DiscoveryContext context;
  private final ResourceManager manager;
  private final InterfaceCache cache;

  /**
   * @param environment of the process
   */
  AzureMachines(AzureConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    this.config = config;
    this.context = context;
    this.cache = new InterfaceCache(context.clock(), config.refreshInterval());
    try {
      this.manager = new ResourceManager(config, context, environment);
    } catch (IOException e) {
      context.metrics().mechanisms().azureFailed();
      throw e;
    }
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    try {
      return List.of(new TargetGroup("azure", Labels.EMPTY, targets(manager.machines())));
    } catch (IOException e) {
      context.metrics().mechanisms().azureFailed();
      throw e;
    }
  }

  private List<Labels> targets(List<Machine> machines) throws IOException, InterruptedException {
    Semaphore questions = new Semaphore(MOST_QUESTIONS);
    List<Future<Optional<Labels>>> pending = new ArrayList<>();
    List<Labels> targets = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Machine machine : machines) {
        pending.add(
            threads.submit(() -> {
              questions.acquire();
              try {
                return target(machine);
              } finally {
                questions.release();
              }
            }));
      }
      boolean done = false;
      try {
        for (Future<Optional<Labels>> each : pending) {
          each.get().ifPresent(targets::add);
        }
        done = true;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new IOException(
            "unable to complete Azure service discovery: " + cause.getMessage(), e);
      } finally {
        if (!done) {
          threads.shutdownNow();
        }
      }
    }
    return targets;
  }

  /** The target of a machine; none if it is not running or has no address. */
  private Optional<Labels> target(Machine machine) throws IOException {
    String group = ResourceId.parse(machine.id()).group();
    for (String id : machine.interfaces()) {
      NetworkInterface known = networkInterface(machine, id);
      if (known == null || known.kind() == NetworkInterface.Kind.DEALLOCATED) {
        return Optional.empty();
      }
      if (known.kind() == NetworkInterface.Kind.PRIMARY) {
        if (known.privateAddress().isEmpty()) {
          throw new IOException("unable to find a private IP for VM " + machine.name());
        }
        return Optional.of(labels(machine, group, known));
      }
    }
    return Optional.empty();
  }

  private @Nullable NetworkInterface networkInterface(Machine machine, String id)
      throws IOException {
    NetworkInterface known = cache.get(id);
    if (known != null) {
      context.metrics().mechanisms().azureCacheHit();
      return known;
    }
    NetworkInterface found = manager.networkInterface(machine, id);
    if (found == null) {
      LOG.atWarn().addKeyValue("name", id).log("Network interface does not exist");
      return null;
    }
    cache.put(id, found);
    return found;
  }

  private Labels labels(Machine machine, String group, NetworkInterface primary) {
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(primary.privateAddress(), config.port()));
    labels.set(PREFIX + "subscription_id", config.subscriptionId());
    labels.set(PREFIX + "tenant_id", config.tenantId());
    labels.set(PREFIX + "machine_id", machine.id());
    labels.set(PREFIX + "machine_name", machine.name());
    labels.set(PREFIX + "machine_computer_name", machine.computerName());
    labels.set(PREFIX + "machine_os_type", machine.osType());
    labels.set(PREFIX + "machine_location", machine.location());
    labels.set(PREFIX + "machine_resource_group", group);
    labels.set(PREFIX + "machine_size", machine.size());
    labels.set(PREFIX + "machine_scale_set", machine.scaleSet());
    machine
        .tags()
        .forEach(
            (name, value) -> labels.set(PREFIX + "machine_tag_" + Meta.sanitized(name), value));
    labels.set(PREFIX + "machine_private_ip", primary.privateAddress());
    labels.set(PREFIX + "machine_public_ip", primary.publicAddress());
    return labels.build();
  }

  @Override
  public void close() {
    manager.close();
  }
}
