package io.narthex.remote.write;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The protobuf messages of remote write, by the names that content types and flags have. */
public enum MessageType {
  /** Protocol 1.0. */
  V1("prometheus.WriteRequest"),
  /** Protocol 2.0. */
  V2("io.prometheus.write.v2.Request");

  private static final String MEDIA_TYPE = "application/x-protobuf";

  private final String text;

  MessageType(String text) {
    this.text = text;
  }

  /** The fully qualified name of the message. */
  public String text() {
    return text;
  }

  /**
   * Finds a message by its name.
   *
   * @throws IllegalArgumentException if there is none; the message has upstream's words
   */
  public static MessageType of(String name) {
    for (MessageType type : values()) {
      if (type.text.equals(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "unknown type for remote write protobuf message "
            + name
            + ", supported: "
            + list(Arrays.asList(values())));
  }

  /** The names, as upstream's messages list them. */
  static String list(List<MessageType> types) {
    return types.stream().map(MessageType::text).collect(Collectors.joining(", "));
  }

  /**
   * The message that a {@code Content-Type} announces. Without the header, and without the
   * parameter {@code proto}, it is the one of protocol 1.0.
   *
   * @throws WriteException with status 415
   */
  static MessageType ofContentType(@Nullable String header) {
    String type = header == null || header.isEmpty() ? MEDIA_TYPE : header.strip();
    String[] parts = type.split(";", -1);
    if (!parts[0].equals(MEDIA_TYPE)) {
      throw new WriteException(
          415,
          "expected " + MEDIA_TYPE + " as the first (media) part, got " + type + " content-type");
    }
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", -1);
      if (pair.length != 2) {
        throw new WriteException(
            415,
            "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be"
                + " key-values, got "
                + parts[i]
                + " in "
                + type
                + " content-type");
      }
      if (pair[0].equals("proto")) {
        try {
          return of(pair[1]);
        } catch (IllegalArgumentException e) {
          throw new WriteException(415, "got " + type + " content type; " + e.getMessage());
        }
      }
    }
    return V1;
  }
}
