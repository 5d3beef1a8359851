package io.narthex.discovery.linode;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Instances with their addresses. The three lists are only asked for when Linode tells of an event
 * since the last turn, and every tenth turn all the same: what happens within a machine is no
 * event.
 */
final class Linodes implements Source {

  private static final int MOST_QUIET_TURNS = 10;

  private final LinodeApi api;
  private final LinodeLabels labels;
  private final DiscoveryContext context;

  /** What the last answer held; empty before the first. */
  private List<TargetGroup> last = List.of();

  private long lastMillis;
  private int quietTurns;
  private boolean eventsHidden;

  Linodes(LinodeConfig config, DiscoveryContext context) throws IOException {
    this.api = new LinodeApi(config, context);
    this.labels = new LinodeLabels(config);
    this.context = context;
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    long now = context.clock().millis();
    if (mayHaveChanged()) {
      last = ask();
      quietTurns = 0;
    }
    lastMillis = now;
    return last;
  }

  private boolean mayHaveChanged() throws IOException {
    if (last.isEmpty() || eventsHidden) {
      return true;
    }
    return switch (api.events(lastMillis)) {
      case SOME -> true;
      case NONE -> ++quietTurns >= MOST_QUIET_TURNS;
      case HIDDEN -> {
        eventsHidden = true;
        yield true;
      }
    };
  }

  private List<TargetGroup> ask() throws IOException {
    List<JsonValue> instances;
    List<JsonValue> addresses;
    List<JsonValue> ranges;
    try {
      instances = api.list("/v4/linode/instances");
      addresses = api.list("/v4/networking/ips");
      ranges = api.list("/v4/networking/ipv6/ranges");
    } catch (IOException e) {
      context.metrics().mechanisms().linodeFailed();
      throw e;
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue instance : instances) {
      if (!instance.get("ipv4").items().isEmpty()) {
        targets.add(labels.target(instance, addresses, ranges));
      }
    }
    return List.of(new TargetGroup("Linode", Labels.EMPTY, targets));
  }

  @Override
  public void close() {
    api.close();
  }
}
