package io.narthex.scrape.failure;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file, a line of JSON for each failed scrape, in the fields that Prometheus' logger gives it.
 * Thread-safe. It is a plain stream, as an interrupt of a loop would close a channel under all
 * others.
 */
final class FailureLog {

  private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private final String file;
  private final OutputStream out;
  private boolean closed;

  private FailureLog(String file, OutputStream out) {
    this.file = file;
    this.out = out;
  }

  static FailureLog open(String file) throws IOException {
    try {
      return new FailureLog(file, new FileOutputStream(file, true));
    } catch (IOException e) {
      throw new IOException(
          "can't create json log file: open " + file + ": " + reason(Path.of(file), e), e);
    }
  }

  /** As Go says it: the JDK has the system's words in brackets behind the name. */
  private static String reason(Path file, IOException e) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      return "is a directory";
    }
    if (folder != null && Files.notExists(folder)) {
      return "no such file or directory";
    }
    String message = String.valueOf(e.getMessage());
    int from = message.lastIndexOf('(');
    int to = message.lastIndexOf(')');
    return from >= 0 && to > from
        ? message.substring(from + 1, from + 2).toLowerCase(java.util.Locale.ROOT)
            + message.substring(from + 2, to)
        : message;
  }

  /**
   * Writes a line. That it cannot be written is an error in the log of the server, and no more.
   *
   * @return false if the file has been closed
   */
  boolean write(long now, String job, String url, String error) {
    byte[] line = line(now, job, url, error);
    synchronized (this) {
      if (closed) {
        return false;
      }
      try {
        out.write(line);
      } catch (IOException e) {
        LOG.atError()
            .addKeyValue("file", file)
            .addKeyValue("err", e.getMessage())
            .log("Writing to the scrape failure log failed");
      }
      return true;
    }
  }

  private static byte[] line(long now, String job, String url, String error) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try {
      JsonWriter json = new JsonWriter(bytes);
      json.beginObject().member("time", TIME.format(Instant.ofEpochMilli(now)));
      json.member("level", "ERROR").member("source", "ScrapeLoop.java");
      text(json.name("msg"), error);
      text(json.name("job_name"), job);
      text(json.name("target"), url);
      json.endObject().drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  /** Unlike its answers over HTTP, Prometheus' logs leave what means something in HTML as it is. */
  private static void text(JsonWriter json, String text) throws IOException {
    byte[] bytes = Utf8.bytes(text);
    json.label(bytes, 0, bytes.length);
  }

  synchronized void close() {
    closed = true;
    try {
      out.close();
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("file", file)
          .addKeyValue("err", e.getMessage())
          .log("Closing the scrape failure log failed");
    }
  }
}
