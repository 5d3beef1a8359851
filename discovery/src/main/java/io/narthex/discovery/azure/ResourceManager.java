package io.narthex.discovery.azure;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Azure's resource manager, by its REST API (Microsoft's references "Virtual Machines", "Virtual
 * Machine Scale Sets", "Network Interfaces"). Thread-safe.
 */
final class ResourceManager implements AutoCloseable {

  private static final String COMPUTE = "?api-version=2024-03-01";
  private static final String NETWORK = "?api-version=2023-05-01";

  /** Interfaces in scale sets have a door of their own, which has stayed at this version. */
  private static final String SCALE_SET_NETWORK = "?api-version=2018-10-01";

  private static final String EXPAND = "&%24expand=IPConfigurations%2FPublicIPAddress";

  private final String subscription;
  private final String group;
  private final AzureAccess access;
  private final ApiClient api;

  /**
   * @param environment of the process
   */
  ResourceManager(AzureConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    AzureCloud cloud = AzureCloud.of(config.environment());
    this.subscription = cloud.endpoint() + "/subscriptions/" + escaped(config.subscriptionId());
    this.group = config.resourceGroup();
    this.access = new AzureAccess(config, cloud, context, environment);
    this.api = new ApiClient(config.http(), context);
  }

  private static String escaped(String segment) {
    return Forms.escape(segment).replace("+", "%20");
  }

  private String inGroup(String name) {
    return name.isEmpty() ? subscription : subscription + "/resourceGroups/" + escaped(name);
  }

  /** The machines of the subscription or the resource group, those of scale sets included. */
  List<Machine> machines() throws IOException, InterruptedException {
    List<Machine> machines = new ArrayList<>();
    String compute = inGroup(group) + "/providers/Microsoft.Compute/";
    for (JsonValue machine : list(compute + "virtualMachines", "virtual machines")) {
      machines.add(Machine.read(machine, ""));
    }
    String sets = "virtual machine scale sets";
    for (JsonValue set : list(compute + "virtualMachineScaleSets", sets)) {
      String name = set.text("name");
      String url =
          inGroup(ResourceId.parse(set.text("id")).group())
              + "/providers/Microsoft.Compute/virtualMachineScaleSets/"
              + escaped(name)
              + "/virtualMachines";
      for (JsonValue machine : list(url, "virtual machine scale set vms")) {
        machines.add(Machine.read(machine, name));
      }
    }
    return machines;
  }

  private List<JsonValue> list(String url, String what) throws IOException, InterruptedException {
    try {
      List<JsonValue> all = new ArrayList<>();
      Pages pages = new Pages();
      String page = url + COMPUTE;
      while (!page.isEmpty()) {
        JsonValue answer = api.json(request(pages.next(page)));
        all.addAll(answer.get("value").items());
        page = answer.text("nextLink");
      }
      return all;
    } catch (IOException e) {
      throw new IOException("could not get " + what + ": " + e.getMessage(), e);
    }
  }

  /** A network interface of a machine, or null if there is none any more. */
  @Nullable NetworkInterface networkInterface(Machine machine, String id) throws IOException {
    ResourceId resource = ResourceId.parse(id);
    String base = inGroup(resource.group()) + "/providers/";
    String name = "/networkInterfaces/" + escaped(resource.name());
    Request request =
        request(
            machine.scaleSet().isEmpty()
                ? base + "Microsoft.Network" + name + NETWORK + EXPAND
                : base
                    + "microsoft.Compute/virtualMachineScaleSets/"
                    + escaped(machine.scaleSet())
                    + "/virtualMachines/"
                    + escaped(machine.instance())
                    + name
                    + SCALE_SET_NETWORK
                    + EXPAND);
    Reply reply = api.any(request);
    if (reply.status() == 404) {
      return null;
    }
    if (!reply.isOk()) {
      throw ApiClient.refusal(request, reply);
    }
    return NetworkInterface.read(JsonValue.parse(reply.body()));
  }

  private Request request(String url) throws IOException {
    return Request.get(HttpUrl.parse(url))
        .header("Accept", "application/json")
        .header("Authorization", access.header());
  }

  @Override
  public void close() {
    api.close();
    access.close();
  }
}
