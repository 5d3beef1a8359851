package io.narthex.rules.alerting;

import io.narthex.base.text.GoQuote;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.model.relabel.Relabelling;
import java.util.List;

/** Makes Alertmanagers of what was discovered. */
public final class AlertmanagerTargets {

  private static final String SCHEME = "__scheme__";
  private static final String PATH = "__alerts_path__";
  private static final String API = "/api/" + AlertmanagerConfig.API_VERSION + "/alerts";

  private AlertmanagerTargets() {}

  /** The first of the groups' targets that cannot be an Alertmanager, and why; empty if all can. */
  public static String problem(AlertmanagerConfig config, List<TargetGroup> groups) {
    Relabelling relabelling = Relabelling.of(config.relabelling());
    LabelsBuilder builder = new LabelsBuilder();
    for (TargetGroup group : groups) {
      for (Labels target : group.targets()) {
        builder.from(group.labels());
        target.forEach(builder::set);
        builder.set(SCHEME, config.scheme());
        builder.set(PATH, config.pathPrefix() + API);
        if (!relabelling.apply(builder)) {
          continue;
        }
        String address = builder.build().getOrEmpty(TargetGroup.ADDRESS);
        if (address.indexOf('/') >= 0) {
          return GoQuote.quote(address) + " is not a valid hostname";
        }
      }
    }
    return "";
  }
}
