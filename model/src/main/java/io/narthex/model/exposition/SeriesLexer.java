package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.text.GoQuote;
import io.narthex.model.labels.LabelsBuilder;
import java.util.Arrays;

/**
 * Reads the name and the braces of a series or of an exemplar, forward and with all checks. It
 * keeps offsets only, so that a line costs nothing until its labels are asked for.
 *
 * <pre>
 *   name{label="value","quoted label"="value",}
 *   {"quoted name",label="value"}
 * </pre>
 *
 * The text format allows blanks between all tokens, OpenMetrics nowhere. A comma before the closing
 * brace is taken in both, as Prometheus takes it.
 */
final class SeriesLexer {

  private byte[] page = new byte[0];
  private int pageFrom;
  private int end;
  private boolean openMetrics;

  int nameFrom;
  int nameTo;
  // Four per label: name from, name to, value from, value to; all without their quotes.
  private int[] offsets = new int[64];
  private int count;
  private byte[] scratch = new byte[64];
  private byte[] nameScratch = new byte[64];

  void reset(byte[] page, int from, int end, boolean openMetrics) {
    this.page = page;
    this.pageFrom = from;
    this.end = end;
    this.openMetrics = openMetrics;
  }

  /** Reads a series and returns the offset behind its last byte. */
  int series(int at) {
    count = 0;
    nameFrom = -1;
    nameTo = -1;
    int i = at;
    if (i < end && isNameStart(page[i])) {
      nameFrom = i;
      i = name(i);
      nameTo = i;
      int brace = blanks(i);
      return brace < end && page[brace] == '{' ? braces(brace + 1, true) : i;
    }
    if (i < end && page[i] == '{') {
      i = braces(i + 1, true);
      if (nameFrom < 0) {
        throw fail(at, "expected a quoted metric name in the braces, metric name not set");
      }
      return i;
    }
    throw fail(i, "expected a valid start token (a metric name, '{' or '#')");
  }

  /** Reads the labels of an exemplar, the offset being behind the brace. */
  int exemplar(int at) {
    count = 0;
    return braces(at, false);
  }

  private int braces(int at, boolean nameAllowed) {
    int i = blanks(at);
    while (true) {
      if (i >= end) {
        throw fail(i, "expected label name or '}'");
      }
      byte c = page[i];
      if (c == '}') {
        return i + 1;
      }
      int from;
      int to;
      if (c == '"') {
        from = i + 1;
        to = quoted(i, "label name");
        i = to + 1;
      } else if (isLabelStart(c)) {
        from = i;
        i++;
        while (i < end && (isLabelStart(page[i]) || isDigit(page[i]))) {
          i++;
        }
        to = i;
      } else {
        throw fail(i, "expected label name or '}'");
      }
      i = blanks(i);
      if (c == '"' && i < end && (page[i] == ',' || page[i] == '}')) {
        if (!nameAllowed) {
          throw fail(i, "expected '=' behind the label name");
        }
        if (nameFrom >= 0) {
          throw fail(from, "metric name already set");
        }
        nameFrom = from;
        nameTo = to;
      } else {
        if (i >= end || page[i] != '=') {
          throw fail(i, "expected '=' behind the label name");
        }
        i = blanks(i + 1);
        if (i >= end || page[i] != '"') {
          throw fail(i, "expected label value in double quotes");
        }
        int valueTo = quoted(i, "label value");
        add(from, to, i + 1, valueTo);
        i = blanks(valueTo + 1);
      }
      if (i < end && page[i] == ',') {
        i = blanks(i + 1);
      } else if (i >= end || page[i] != '}') {
        // Upstream's text parser takes a missing comma; that is a bug no producer relies on.
        throw fail(i, "expected ',' or '}'");
      }
    }
  }

  /** The offset of the quote that closes the one at {@code quote}. */
  private int quoted(int quote, String what) {
    int i = quote + 1;
    boolean ascii = true;
    while (i < end) {
      byte c = page[i];
      if (c == '"') {
        if (!ascii && !Utf8.isValid(page, quote + 1, i - quote - 1)) {
          throw fail(quote, "invalid UTF-8 " + what);
        }
        return i;
      }
      if (c == '\\') {
        i++;
        if (i < end && page[i] == '\n') {
          break;
        }
      } else if (c == '\n' && openMetrics) {
        break;
      }
      ascii &= c >= 0;
      i++;
    }
    throw fail(Math.min(i, end), "expected '\"' to close the " + what);
  }

  private void add(int nameFrom, int nameTo, int valueFrom, int valueTo) {
    if (count + 4 > offsets.length) {
      offsets = Arrays.copyOf(offsets, offsets.length * 2);
    }
    offsets[count] = nameFrom;
    offsets[count + 1] = nameTo;
    offsets[count + 2] = valueFrom;
    offsets[count + 3] = valueTo;
    count += 4;
  }

  /**
   * Builds the labels that were read, without the metric's name.
   *
   * @param unique whether it is an error if a name comes twice; otherwise the last one counts
   */
  void labels(LabelsBuilder into, MetricType type, boolean unique) {
    for (int i = 0; i < count; i += 4) {
      byte[] names = page;
      int nFrom = offsets[i];
      int nLength = offsets[i + 1] - nFrom;
      if (hasBackslash(nFrom, offsets[i + 1])) {
        nameScratch = room(nameScratch, nLength);
        nLength = unescape(nFrom, offsets[i + 1], nameScratch);
        names = nameScratch;
        nFrom = 0;
      }
      if (unique && into.has(names, nFrom, nLength)) {
        throw fail(
            offsets[i],
            "label name "
                + GoQuote.quote(Utf8.text(names, nFrom, nLength))
                + " is not unique: invalid sample");
      }
      byte[] values = page;
      int vFrom = offsets[i + 2];
      int vLength = offsets[i + 3] - vFrom;
      if (hasBackslash(vFrom, offsets[i + 3])) {
        scratch = room(scratch, vLength);
        vLength = unescape(vFrom, offsets[i + 3], scratch);
        values = scratch;
        vFrom = 0;
      }
      if (isFloatLabel(type, names, nFrom, nLength)) {
        double value = Numbers.parse(values, vFrom, vFrom + vLength);
        if (!Numbers.isInvalid(value)) {
          values = Utf8.bytes(OpenMetricsFloat.format(value));
          vFrom = 0;
          vLength = values.length;
        }
      }
      into.set(names, nFrom, nLength, values, vFrom, vLength);
    }
  }

  private static final byte[] NAME = Utf8.bytes("__name__");
  private static final byte[] LE = Utf8.bytes("le");
  private static final byte[] QUANTILE = Utf8.bytes("quantile");

  private static boolean isFloatLabel(MetricType type, byte[] b, int from, int length) {
    return switch (type) {
      case HISTOGRAM -> Utf8.equal(b, from, length, LE, 0, LE.length);
      case SUMMARY -> Utf8.equal(b, from, length, QUANTILE, 0, QUANTILE.length);
      case UNKNOWN, COUNTER, GAUGE, GAUGEHISTOGRAM, INFO, STATESET -> false;
    };
  }

  /** Sets the metric's name as a label. */
  void metricName(LabelsBuilder into) {
    byte[] names = page;
    int from = nameFrom;
    int length = nameTo - nameFrom;
    if (length == 0) {
      throw fail(nameFrom, "expected a metric name, got an empty one");
    }
    if (hasBackslash(nameFrom, nameTo)) {
      scratch = room(scratch, length);
      length = unescape(nameFrom, nameTo, scratch);
      names = scratch;
      from = 0;
    }
    into.set(NAME, 0, NAME.length, names, from, length);
  }

  private boolean hasBackslash(int from, int to) {
    for (int i = from; i < to; i++) {
      if (page[i] == '\\') {
        return true;
      }
    }
    return false;
  }

  /** Undoes {@code \\}, {@code \"} and {@code \n}; any other backslash stands for itself. */
  private int unescape(int from, int to, byte[] into) {
    int n = 0;
    for (int i = from; i < to; i++) {
      byte c = page[i];
      if (c == '\\' && i + 1 < to) {
        byte next = page[i + 1];
        if (next == '\\' || next == '"' || next == 'n') {
          into[n++] = next == 'n' ? (byte) '\n' : next;
          i++;
          continue;
        }
      }
      into[n++] = c;
    }
    return n;
  }

  private static byte[] room(byte[] scratch, int length) {
    return scratch.length >= length ? scratch : new byte[Math.max(length, scratch.length * 2)];
  }

  /** Behind a name in the classic form of metrics that begins at the offset. */
  int name(int at) {
    int i = at + 1;
    while (i < end && (isNameStart(page[i]) || isDigit(page[i]))) {
      i++;
    }
    return i;
  }

  /** Behind the blanks where the format allows them. */
  int blanks(int at) {
    int i = at;
    if (!openMetrics) {
      while (i < end && (page[i] == ' ' || page[i] == '\t')) {
        i++;
      }
    }
    return i;
  }

  static boolean isNameStart(byte c) {
    return isLabelStart(c) || c == ':';
  }

  private static boolean isLabelStart(byte c) {
    int lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || c == '_';
  }

  static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  /** The error at an offset: it says where, what was expected, and what stands there. */
  ExpositionException fail(int at, String expected) {
    int line = 1;
    int lineStart = pageFrom;
    for (int i = pageFrom; i < at; i++) {
      if (page[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    String found;
    if (at >= end) {
      found = "the end of the page";
    } else if (page[at] == '\n') {
      found = "the end of the line";
    } else {
      int to = Math.min(Lines.end(page, at, end), at + 30);
      found = GoQuote.quote(Utf8.text(page, at, to - at));
    }
    return new ExpositionException(line, at - lineStart + 1, expected + ", got " + found);
  }
}
