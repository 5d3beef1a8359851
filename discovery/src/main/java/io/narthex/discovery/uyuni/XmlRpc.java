package io.narthex.discovery.uyuni;

import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** Calls of XML-RPC (xmlrpc.com/spec.md). */
final class XmlRpc {

  private static final XMLInputFactory IN = XMLInputFactory.newDefaultFactory();
  private static final XMLOutputFactory OUT = XMLOutputFactory.newDefaultFactory();

  static {
    // An answer has no business in reading files or asking other servers.
    IN.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    IN.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    IN.setProperty(XMLInputFactory.IS_COALESCING, true);
  }

  private final ApiClient api;
  private final HttpUrl url;

  XmlRpc(ApiClient api, HttpUrl url) {
    this.api = api;
    this.url = url;
  }

  /**
   * Calls a method.
   *
   * @param parameters texts, whole numbers and lists of such
   * @throws IOException if there is no answer, or the method refused; the message says why
   */
  RpcValue call(String method, Object... parameters) throws IOException {
    byte[] body = encode(method, parameters).getBytes(StandardCharsets.UTF_8);
    // Nothing is called but logins and questions.
    Request request = Request.post(url, "text/xml", body).mayRepeat();
    return decode(api.send(request).body());
  }

  static String encode(String method, Object... parameters) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter out = OUT.createXMLStreamWriter(text);
      out.writeStartDocument("UTF-8", "1.0");
      out.writeStartElement("methodCall");
      element(out, "methodName", method);
      out.writeStartElement("params");
      for (Object parameter : parameters) {
        out.writeStartElement("param");
        value(out, parameter);
        out.writeEndElement();
      }
      out.writeEndDocument();
      out.flush();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private static void value(XMLStreamWriter out, Object value) throws XMLStreamException {
    out.writeStartElement("value");
    if (value instanceof List<?> list) {
      out.writeStartElement("array");
      out.writeStartElement("data");
      for (Object item : list) {
        value(out, item);
      }
      out.writeEndElement();
      out.writeEndElement();
    } else {
      element(out, value instanceof Number ? "int" : "string", value.toString());
    }
    out.writeEndElement();
  }

  private static void element(XMLStreamWriter out, String name, String text)
      throws XMLStreamException {
    out.writeStartElement(name);
    out.writeCharacters(text);
    out.writeEndElement();
  }

  static RpcValue decode(byte[] body) throws IOException {
    try {
      XMLStreamReader in = IN.createXMLStreamReader(new ByteArrayInputStream(body));
      try {
        in.nextTag();
        expect(in, "methodResponse");
        in.nextTag();
        if (in.getLocalName().equals("fault")) {
          in.nextTag();
          RpcValue fault = new RpcValue("fault", value(in));
          throw new IOException(
              "Fault(" + fault.whole("faultCode") + "): " + fault.text("faultString"));
        }
        expect(in, "params");
        in.nextTag();
        expect(in, "param");
        in.nextTag();
        return new RpcValue("", value(in));
      } finally {
        in.close();
      }
    } catch (XMLStreamException e) {
      throw new IOException("no valid XML-RPC: " + oneLine(e), e);
    }
  }

  private static String oneLine(XMLStreamException e) {
    return String.valueOf(e.getMessage()).replace('\n', ' ');
  }

  private static void expect(XMLStreamReader in, String name) throws XMLStreamException {
    if (!in.getLocalName().equals(name)) {
      throw new XMLStreamException(
          "found <" + in.getLocalName() + ">, expected <" + name + ">", in.getLocation());
    }
  }

  /**
   * Reads a value; the reader stands at its beginning, and in the end at its end. How deep values
   * may stand within values is bounded by the reader.
   */
  private static @Nullable Object value(XMLStreamReader in) throws XMLStreamException {
    expect(in, "value");
    StringBuilder text = new StringBuilder();
    while (!isTag(in.next())) {
      if (in.isCharacters()) {
        text.append(in.getText());
      }
    }
    if (in.isEndElement()) {
      // A value without a type is a text.
      return text.toString();
    }
    Object value = typed(in);
    in.nextTag();
    expect(in, "value");
    return value;
  }

  private static boolean isTag(int event) {
    return event == XMLStreamReader.START_ELEMENT || event == XMLStreamReader.END_ELEMENT;
  }

  private static @Nullable Object typed(XMLStreamReader in) throws XMLStreamException {
    String type = in.getLocalName();
    return switch (type) {
      case "struct" -> struct(in);
      case "array" -> array(in);
      case "nil" -> {
        in.nextTag();
        yield null;
      }
      case "int", "i4", "i8" -> {
        String digits = in.getElementText().strip();
        try {
          yield Long.valueOf(digits);
        } catch (NumberFormatException e) {
          throw new XMLStreamException("\"" + digits + "\" is no number", in.getLocation(), e);
        }
      }
      case "boolean" -> in.getElementText().strip().equals("1");
      // Dates, fractions and bytes are for nobody here, and are texts as they stand.
      default -> in.getElementText();
    };
  }

  private static Map<String, @Nullable Object> struct(XMLStreamReader in)
      throws XMLStreamException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (in.nextTag(); in.isStartElement(); in.nextTag()) {
      expect(in, "member");
      in.nextTag();
      expect(in, "name");
      String name = in.getElementText();
      in.nextTag();
      members.put(name, value(in));
      in.nextTag();
      expect(in, "member");
    }
    return members;
  }

  private static List<@Nullable Object> array(XMLStreamReader in) throws XMLStreamException {
    in.nextTag();
    expect(in, "data");
    List<@Nullable Object> items = new ArrayList<>();
    for (in.nextTag(); in.isStartElement(); in.nextTag()) {
      items.add(value(in));
    }
    in.nextTag();
    return items;
  }
}
