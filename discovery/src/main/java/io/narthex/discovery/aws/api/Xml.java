package io.narthex.discovery.aws.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of an answer in XML: its name without a namespace, the elements within and, where
 * there are none, its text. What is missing counts as empty. Attributes, which these services do
 * not use, are left out; document types and entities of one's own are refused.
 */
public final class Xml {

  private static final Xml NONE = new Xml("");
  private static final int DEEPEST = 100;

  private final String name;
  private final List<Xml> children = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private Xml(String name) {
    this.name = name;
  }

  /**
   * Reads a document.
   *
   * @throws IOException if it is none
   */
  public static Xml parse(byte[] document) throws IOException {
    // A factory is not promised to be thread-safe, and answers are few.
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(document));
      return read(reader);
    } catch (XMLStreamException e) {
      throw new IOException("no valid XML: " + firstLine(e), e);
    }
  }

  private static Xml read(XMLStreamReader reader) throws XMLStreamException, IOException {
    Xml top = new Xml("");
    Deque<Xml> open = new ArrayDeque<>();
    open.push(top);
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          Xml element = new Xml(reader.getLocalName());
          open.element().children.add(element);
          open.push(element);
          if (open.size() > DEEPEST) {
            throw new IOException("no valid XML: more than " + DEEPEST + " elements deep");
          }
        }
        case XMLStreamConstants.END_ELEMENT -> open.pop();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
            open.element().text.append(reader.getText());
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw new IOException("no valid XML: document types are not read");
        default -> {
          // Comments and instructions say nothing.
        }
      }
    }
    return top.children.getFirst();
  }

  private static String firstLine(XMLStreamException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
    int end = message.indexOf("Message: ");
    return end < 0 ? message : message.substring(end + "Message: ".length());
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /**
   * The first element on a path.
   *
   * @param path names with slashes between
   */
  public Xml get(String path) {
    Xml at = this;
    for (String step : path.split("/", -1)) {
      Xml next = NONE;
      for (Xml child : at.children) {
        if (child.name.equals(step)) {
          next = child;
          break;
        }
      }
      at = next;
    }
    return at;
  }

  /** Whether there is an element on a path. */
  public boolean has(String path) {
    return get(path) != NONE;
  }

  /** The elements within the one on a path. */
  public List<Xml> items(String path) {
    return List.copyOf(get(path).children);
  }

  /** The text of the element on a path. */
  public String text(String path) {
    return get(path).text();
  }

  /** The text, which an element has that has none within. */
  public String text() {
    return children.isEmpty() ? text.toString() : "";
  }

  /** The texts of the elements within the one on a path. */
  public List<String> texts(String path) {
    return get(path).children.stream().map(Xml::text).toList();
  }
}
