package io.narthex.base.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.narthex.base.text.GoQuote;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** Prints one line per event: time, level, source, message, then the keys and values. */
final class LineAppender extends AppenderBase<ILoggingEvent> {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Logging.Format format;
  private final PrintStream out;

  LineAppender(Logging.Format format, PrintStream out) {
    this.format = format;
    this.out = out;
  }

  @Override
  protected void append(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    LineWriter writer =
        switch (format) {
          case LOGFMT -> new LogfmtWriter(line);
          case JSON -> new JsonLineWriter(line);
        };
    writer.field("time", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
    writer.field("level", level(event.getLevel()));
    writer.field("source", source(event));
    writer.field("msg", event.getFormattedMessage());
    boolean hasError = false;
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        hasError |= pair.key.equals("err");
        writer.field(pair.key, pair.value);
      }
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      if (!hasError) {
        String message = thrown.getMessage();
        writer.field("err", message == null ? thrown.getClassName() : message);
      }
      // Only a fault of our own is logged with its exception, and then the place matters.
      writer.field("stack", ThrowableProxyUtil.asString(thrown).strip());
    }
    writer.end();
    byte[] bytes = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  private static String level(Level level) {
    return level.isGreaterOrEqual(Level.ERROR)
        ? "ERROR"
        : level.isGreaterOrEqual(Level.WARN)
            ? "WARN"
            : level.isGreaterOrEqual(Level.INFO) ? "INFO" : "DEBUG";
  }

  private static String source(ILoggingEvent event) {
    StackTraceElement[] caller = event.getCallerData();
    if (caller == null || caller.length == 0) {
      return "unknown";
    }
    return caller[0].getFileName() + ":" + caller[0].getLineNumber();
  }

  /** One line in one of the formats. */
  private sealed interface LineWriter {

    void field(String key, @Nullable Object value);

    void end();
  }

  private record LogfmtWriter(StringBuilder line) implements LineWriter {

    @Override
    public void field(String key, @Nullable Object value) {
      if (!line.isEmpty()) {
        line.append(' ');
      }
      text(key);
      line.append('=');
      text(String.valueOf(value));
    }

    private void text(String text) {
      if (needsQuotes(text)) {
        GoQuote.append(line, text);
      } else {
        line.append(text);
      }
    }

    private static boolean needsQuotes(String text) {
      return text.isEmpty()
          || text.codePoints()
              .anyMatch(
                  c -> c <= ' ' || c == '=' || c == '"' || (c >= 0x7f && !GoQuote.isPrintable(c)));
    }

    @Override
    public void end() {
      // Nothing closes the line.
    }
  }

  private record JsonLineWriter(StringBuilder line) implements LineWriter {

    @Override
    public void field(String key, @Nullable Object value) {
      line.append(line.isEmpty() ? '{' : ',');
      string(key);
      line.append(':');
      if (value == null
          || value instanceof Boolean
          || value instanceof Long
          || value instanceof Integer) {
        line.append(value);
      } else if (value instanceof Double number && Double.isFinite(number)) {
        line.append(number);
      } else {
        string(value.toString());
      }
    }

    private void string(String text) {
      line.append('"');
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        switch (c) {
          case '"', '\\' -> line.append('\\').append(c);
          case '\n' -> line.append("\\n");
          case '\r' -> line.append("\\r");
          case '\t' -> line.append("\\t");
          default -> {
            if (c < ' ' || c == '\u2028' || c == '\u2029') {
              line.append("\\u%04x".formatted((int) c));
            } else {
              line.append(c);
            }
          }
        }
      }
      line.append('"');
    }

    @Override
    public void end() {
      line.append('}');
    }
  }
}
