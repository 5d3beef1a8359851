package io.narthex.discovery.oci;

import io.narthex.base.json.JsonValue;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which compartments are looked into: those that are configured, or all active ones below the
 * tenancy, which is one itself. They are walked level by level, because only the tenancy can be
 * asked for its whole tree, and only by an administrator.
 */
final class Compartments {

  private static final Logger LOG = LoggerFactory.getLogger(Compartments.class);

  private final OciApi api;
  private final String identity;
  private final Principal principal;
  private final List<String> configured;

  /**
   * @param identity the service, without a slash at the end
   */
  Compartments(OciApi api, String identity, Principal principal, List<String> configured) {
    this.api = api;
    this.identity = identity;
    this.principal = principal;
    this.configured = configured;
  }

  /** The identities of all. */
  List<String> all() throws IOException, InterruptedException {
    if (!configured.isEmpty()) {
      return configured;
    }
    Set<String> found = new LinkedHashSet<>();
    Queue<String> open = new ArrayDeque<>();
    open.add(principal.tenancy());
    while (!open.isEmpty()) {
      String next = open.remove();
      if (found.add(next)) {
        addChildren(next, open);
      }
    }
    return List.copyOf(found);
  }

  private void addChildren(String parent, Queue<String> open)
      throws IOException, InterruptedException {
    try {
      String url =
          identity
              + "/20160918/compartments?compartmentId="
              + Forms.escape(parent)
              + "&accessLevel=ACCESSIBLE&compartmentIdInSubtree=false";
      for (JsonValue child : api.list(url)) {
        if (child.text("lifecycleState").equals("ACTIVE") && !child.text("id").isEmpty()) {
          open.add(child.text("id"));
        }
      }
    } catch (OciApi.Hidden e) {
      // Nobody has to be allowed to see every corner of a tenancy.
      LOG.atWarn()
          .addKeyValue("compartment_id", parent)
          .addKeyValue("err", e.getMessage())
          .log("OCI SD failed to list child compartments, skipping subtree");
    }
  }
}
