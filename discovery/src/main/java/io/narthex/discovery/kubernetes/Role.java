package io.narthex.discovery.kubernetes;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlValue;
import io.narthex.discovery.section.Choice;
import java.util.List;

/** The kinds of objects that become targets. */
public enum Role implements Choice {
  NODE("node", "node", Kind.NODE),
  POD("pod", "pod", Kind.POD),
  SERVICE("service", "svc", Kind.SERVICE),
  ENDPOINTS("endpoints", "endpoints", Kind.ENDPOINTS),
  ENDPOINT_SLICE("endpointslice", "endpointslice", Kind.ENDPOINT_SLICE),
  INGRESS("ingress", "ingress", Kind.INGRESS);

  private final String text;
  private final String source;
  private final Kind kind;

  Role(String text, String source, Kind kind) {
    this.text = text;
    this.source = source;
    this.kind = kind;
  }

  /** The kind of objects that it makes targets of. */
  Kind kind() {
    return kind;
  }

  /** The name of the group that an object stands for. */
  String source(String key) {
    return source + "/" + key;
  }

  @Override
  public String text() {
    return text;
  }

  static Role decode(YamlValue value) {
    return Choice.decode(
        value, values(), name -> "unknown Kubernetes SD role " + GoQuote.quote(name));
  }

  /** The kinds of objects that a discovery of this kind looks at, and so can select. */
  List<Role> selectable() {
    return switch (this) {
      case POD -> List.of(POD, NODE);
      case SERVICE -> List.of(SERVICE);
      case ENDPOINTS -> List.of(POD, SERVICE, ENDPOINTS);
      case ENDPOINT_SLICE -> List.of(POD, SERVICE, ENDPOINT_SLICE);
      case NODE -> List.of(NODE);
      case INGRESS -> List.of(INGRESS);
    };
  }
}
