package io.narthex.discovery.eureka;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of an XML document as a tree. Names are without what stands before a colon. Immutable
 * once it is read.
 */
final class XmlElement {

  private static final int DEEPEST = 100;

  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();

  /** Texts and elements, in their order. */
  private final List<Object> content = new ArrayList<>();

  private XmlElement(String name) {
    this.name = name;
  }

  /**
   * Reads a document; entities that it defines itself are refused.
   *
   * @return its outermost element
   * @throws IOException if it is no XML; the message says where
   */
  static XmlElement parse(byte[] document) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(document));
      try {
        return read(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      throw new IOException("no valid XML: " + e.getMessage(), e);
    }
  }

  private static XmlElement read(XMLStreamReader reader) throws IOException, XMLStreamException {
    XmlElement root = new XmlElement("");
    Deque<XmlElement> open = new ArrayDeque<>();
    open.push(root);
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          XmlElement element = new XmlElement(local(reader.getLocalName()));
          for (int i = 0; i < reader.getAttributeCount(); i++) {
            element.attributes.put(
                local(reader.getAttributeLocalName(i)), reader.getAttributeValue(i));
          }
          open.element().content.add(element);
          open.push(element);
          if (open.size() > DEEPEST) {
            throw new IOException("no valid XML: elements are nested too deeply");
          }
        }
        case XMLStreamConstants.END_ELEMENT -> open.pop();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
            open.element().content.add(reader.getText());
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw new IOException("no valid XML: unknown entity &" + reader.getLocalName() + ";");
        default -> {
          // Comments and the like say nothing.
        }
      }
    }
    return root.children().getFirst();
  }

  private static String local(String qualified) {
    return qualified.substring(qualified.indexOf(':') + 1);
  }

  String name() {
    return name;
  }

  /** An attribute, empty if there is none. */
  String attribute(String wanted) {
    return attributes.getOrDefault(wanted, "");
  }

  /** The elements within. */
  List<XmlElement> children() {
    List<XmlElement> children = new ArrayList<>();
    for (Object part : content) {
      if (part instanceof XmlElement child) {
        children.add(child);
      }
    }
    return children;
  }

  /** The elements of this name within. */
  List<XmlElement> children(String wanted) {
    return children().stream().filter(child -> child.name.equals(wanted)).toList();
  }

  /** The last element of this name within, or null. */
  @Nullable XmlElement child(String wanted) {
    List<XmlElement> found = children(wanted);
    return found.isEmpty() ? null : found.getLast();
  }

  /** The text of the last element of this name within; empty if there is none. */
  String text(String wanted) {
    XmlElement child = child(wanted);
    return child == null ? "" : child.text();
  }

  /** What is written between the tags, without the elements there. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Object part : content) {
      if (part instanceof String characters) {
        text.append(characters);
      }
    }
    return text.toString();
  }

  /** All that stands between the tags, as XML. */
  String inner() {
    StringBuilder out = new StringBuilder();
    writeInner(out);
    return out.toString();
  }

  private void writeInner(StringBuilder out) {
    for (Object part : content) {
      if (part instanceof XmlElement child) {
        child.write(out);
      } else {
        escape(out, (String) part);
      }
    }
  }

  private void write(StringBuilder out) {
    out.append('<').append(name);
    attributes.forEach((attribute, value) -> {
      out.append(' ').append(attribute).append("=\"");
      escape(out, value);
      out.append('"');
    });
    out.append('>');
    writeInner(out);
    out.append("</").append(name).append('>');
  }

  /** As XStream escapes, with which Eureka writes. */
  private static void escape(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&apos;");
        case '\r' -> out.append("&#xd;");
        default -> out.append(c);
      }
    }
  }
}
