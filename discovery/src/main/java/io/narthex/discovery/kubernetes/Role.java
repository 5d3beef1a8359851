package io.narthex.discovery.kubernetes;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlValue;
import io.narthex.discovery.section.Choice;
import java.util.List;

/** The kinds of objects that become targets. */
public enum Role implements Choice {
  NODE("node"),
  POD("pod"),
  SERVICE("service"),
  ENDPOINTS("endpoints"),
  ENDPOINT_SLICE("endpointslice"),
  INGRESS("ingress");

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
