package io.narthex.base.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Puts other texts in the place of values before anybody decodes them. What an unquoted value
 * becomes is read as if it had stood there: a number may come from outside. Structure cannot.
 */
final class Expansion {

  private final UnaryOperator<String> expansion;
  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private Expansion(UnaryOperator<String> expansion) {
    this.expansion = expansion;
  }

  static Node of(Node root, UnaryOperator<String> expansion) {
    return new Expansion(expansion).expanded(root);
  }

  private Node expanded(Node node) {
    if (node instanceof ScalarNode scalar) {
      return expanded(scalar);
    }
    // An anchor's node hangs in several places.
    if (!seen.add(node)) {
      return node;
    }
    switch (node) {
      case SequenceNode sequence -> {
        List<Node> items = sequence.getValue();
        items.replaceAll(this::expanded);
      }
      case MappingNode mapping -> {
        List<NodeTuple> tuples = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
          tuples.add(new NodeTuple(tuple.getKeyNode(), expanded(tuple.getValueNode())));
        }
        mapping.setValue(tuples);
      }
      default -> throw new IllegalStateException("a node of no known kind: " + node);
    }
    return node;
  }

  private Node expanded(ScalarNode scalar) {
    if (scalar.getTag().equals(Tag.BINARY)) {
      return scalar;
    }
    String text;
    try {
      text = expansion.apply(scalar.getValue());
    } catch (IllegalArgumentException e) {
      throw new YamlException(e.getMessage() + " (line " + YamlValue.lineOf(scalar) + ")", e);
    }
    if (text.equals(scalar.getValue())) {
      return scalar;
    }
    Tag tag =
        scalar.getScalarStyle() == ScalarStyle.PLAIN ? GoYamlSchema.tag(text) : scalar.getTag();
    return new ScalarNode(
        tag, true, text, scalar.getScalarStyle(), scalar.getStartMark(), scalar.getEndMark());
  }
}
