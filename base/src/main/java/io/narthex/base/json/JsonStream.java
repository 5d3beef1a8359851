package io.narthex.base.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON that is read while it arrives: long lists, one element at a time, and texts that follow each
 * other on one stream. What is small enough is taken as a {@link JsonValue}. For one thread.
 *
 * <p>Objects are entered with {@link #beginObject} and gone through with {@link #nextName}, arrays
 * with {@link #beginArray} and {@link #nextItem}; every value met on the way is taken, entered or
 * skipped. Nothing is read beyond the end of a value: a stream that stays silent behind it does not
 * hold it back.
 */
public final class JsonStream implements AutoCloseable {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final InputStream in;

  /** Made when it is first needed, because it reads at once. */
  private @Nullable JsonParser opened;

  /**
   * Reads UTF-8, and closes the stream when it is closed; nothing is read before it is asked for.
   */
  public JsonStream(InputStream in) {
    this.in = in;
  }

  private JsonParser parser() {
    JsonParser parser = opened;
    if (parser == null) {
      parser = FACTORY.createParser(ObjectReadContext.empty(), in);
      opened = parser;
    }
    return parser;
  }

  /** A step of the parser, whose errors become ours. */
  private interface Step<T> {
    T go() throws JacksonException;
  }

  private static <T> T checked(Step<T> step) throws IOException {
    try {
      return step.go();
    } catch (JacksonException e) {
      if (e.getCause() instanceof IOException broken) {
        throw broken;
      }
      throw new IOException("no valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Goes to the next text of the stream, which is then to be taken, entered or skipped.
   *
   * @return false at the end of the stream
   */
  public boolean next() throws IOException {
    return checked(() -> parser().nextToken()) != null;
  }

  /** Enters the object that stands here; false, and it is passed, where null stands. */
  public boolean beginObject() throws IOException {
    return begin(JsonToken.START_OBJECT, "an object");
  }

  /** Enters the array that stands here; false, and it is passed, where null stands. */
  public boolean beginArray() throws IOException {
    return begin(JsonToken.START_ARRAY, "an array");
  }

  private boolean begin(JsonToken start, String expected) throws IOException {
    JsonToken token = parser().currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return false;
    }
    if (token != start) {
      throw new IOException("no valid JSON: " + token + " where " + expected + " was expected");
    }
    return true;
  }

  /** Goes to the next member of the object that was entered last; null behind the last one. */
  public @Nullable String nextName() throws IOException {
    JsonParser parser = parser();
    JsonToken token = checked(parser::nextToken);
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    if (token != JsonToken.PROPERTY_NAME) {
      throw ended();
    }
    String name = parser.currentName();
    if (checked(parser::nextToken) == null) {
      throw ended();
    }
    return name;
  }

  /** Goes to the next element of the array that was entered last; false behind the last one. */
  public boolean nextItem() throws IOException {
    JsonToken token = checked(parser()::nextToken);
    if (token == null) {
      throw ended();
    }
    return token != JsonToken.END_ARRAY;
  }

  private static IOException ended() {
    return new IOException("unexpected end of JSON input");
  }

  /** Takes the value that stands here. */
  public JsonValue value() throws IOException {
    return value(Set.of());
  }

  /**
   * Takes the value that stands here, but for some of its members.
   *
   * @param without names of members that are left out, wherever in the value they stand
   */
  public JsonValue value(Set<String> without) throws IOException {
    return checked(() -> JsonValue.read(parser(), without));
  }

  /** Passes the value that stands here. */
  public void skip() throws IOException {
    checked(parser()::skipChildren);
  }

  @Override
  public void close() throws IOException {
    JsonParser parser = opened;
    if (parser == null) {
      in.close();
    } else {
      checked(() -> {
        parser.close();
        return parser;
      });
    }
  }
}
