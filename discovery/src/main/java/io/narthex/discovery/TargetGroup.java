package io.narthex.discovery;

import io.narthex.model.labels.Labels;
import java.util.List;

/**
 * Targets that were found together.
 *
 * @param source what distinguishes the group among those of one discovery
 * @param labels common to all targets; a target's own labels win
 * @param targets the labels of each, {@code __address__} among them
 */
public record TargetGroup(String source, Labels labels, List<Labels> targets) {

  /** The label with host and port. */
  public static final String ADDRESS = "__address__";

  public TargetGroup {
    targets = List.copyOf(targets);
  }
}
