package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.exposition.ExpositionTokenizer.Entry;

/**
 * Reads the lines that begin with a hash: metadata, comments, and the end of OpenMetrics. The text
 * format takes whatever does not look like metadata for a comment; OpenMetrics knows no comments.
 */
final class CommentLexer {

  /** For names, blanks and errors. */
  private final SeriesLexer lexer;

  private byte[] page = new byte[0];
  private int end;
  private boolean openMetrics;

  private Entry entry = Entry.COMMENT;
  private int from;

  /** Behind the last byte of the line. */
  int to;

  /** Where the next line begins. */
  int next;

  int nameFrom;
  int nameTo;

  /** Where the text begins that ends with the line. */
  int textFrom;

  MetricType type = MetricType.UNKNOWN;

  CommentLexer(SeriesLexer lexer) {
    this.lexer = lexer;
  }

  void reset(byte[] page, int end, boolean openMetrics) {
    this.page = page;
    this.end = end;
    this.openMetrics = openMetrics;
  }

  /** Reads so much of the comment at an offset that it is clear what it is. */
  Entry read(int start) {
    from = start;
    if (start + 6 <= end && page[start + 1] == ' ' && !openMetricsEof(start)) {
      Entry kind = keyword(start + 2);
      if (kind != Entry.COMMENT && page[start + 6 < end ? start + 6 : start] == ' ') {
        entry = kind;
        to = Lines.end(page, start, end);
        if (to == end && openMetrics) {
          throw lexer.fail(end, "data does not end with # EOF: expected the end of the line");
        }
        next = Math.min(to + 1, end);
        return kind;
      }
    }
    if (openMetrics) {
      if (!openMetricsEof(start)) {
        throw lexer.fail(start, "expected '# HELP ', '# TYPE ', '# UNIT ' or '# EOF'");
      }
      int behind = start + 5;
      if (behind < end && page[behind] == '\n') {
        behind++;
      }
      if (behind < end) {
        throw lexer.fail(behind, "unexpected data after # EOF: expected the end of the page");
      }
      to = start + 5;
      next = end;
      return Entry.EOF;
    }
    return textComment(start);
  }

  private boolean openMetricsEof(int start) {
    return openMetrics
        && start + 5 <= end
        && page[start + 1] == ' '
        && page[start + 2] == 'E'
        && page[start + 3] == 'O'
        && page[start + 4] == 'F';
  }

  private Entry keyword(int i) {
    if (i + 4 > end) {
      return Entry.COMMENT;
    }
    int word =
        (page[i] & 0xff) << 24
            | (page[i + 1] & 0xff) << 16
            | (page[i + 2] & 0xff) << 8
            | (page[i + 3] & 0xff);
    return switch (word) {
      case 'H' << 24 | 'E' << 16 | 'L' << 8 | 'P' -> Entry.HELP;
      case 'T' << 24 | 'Y' << 16 | 'P' << 8 | 'E' -> Entry.TYPE;
      case 'U' << 24 | 'N' << 16 | 'I' << 8 | 'T' -> openMetrics ? Entry.UNIT : Entry.COMMENT;
      default -> Entry.COMMENT;
    };
  }

  /** A comment of the text format whose keyword stands behind other blanks than one, or nowhere. */
  private Entry textComment(int start) {
    to = Lines.end(page, start, end);
    next = Math.min(to + 1, end);
    int word = lexer.blanks(start + 1);
    if (word > start + 1) {
      Entry kind = keyword(word);
      if (kind != Entry.COMMENT
          && word + 4 < to
          && (page[word + 4] == ' ' || page[word + 4] == '\t')) {
        entry = kind;
        return kind;
      }
    }
    return Entry.COMMENT;
  }

  /** Reads the metadata that was read last with every check. */
  void confirm() {
    int i = openMetrics ? from + 2 : lexer.blanks(from + 1);
    i = openMetrics ? i + 5 : lexer.blanks(i + 4);
    if (i < to && page[i] == '"') {
      int quote = i;
      i++;
      while (i < to && page[i] != '"') {
        i += page[i] == '\\' ? 2 : 1;
      }
      if (i >= to) {
        throw lexer.fail(quote, "expected '\"' to close the metric name");
      }
      nameFrom = quote + 1;
      nameTo = i;
      i++;
    } else if (i < to && SeriesLexer.isNameStart(page[i])) {
      nameFrom = i;
      i = lexer.name(i);
      nameTo = i;
    } else {
      throw lexer.fail(Math.min(i, to), "expected metric name after " + entry);
    }
    if (i == to) {
      if (openMetrics) {
        throw lexer.fail(i, "expected text in " + entry);
      }
      textFrom = to;
    } else {
      if (page[i] != ' ' && (openMetrics || page[i] != '\t')) {
        throw lexer.fail(i, "expected a blank behind the metric name");
      }
      textFrom = i + 1;
    }
    switch (entry) {
      case TYPE -> type = readType();
      case HELP -> {
        if (!Utf8.isValid(page, textFrom, to - textFrom)) {
          throw lexer.fail(textFrom, "help text is not a valid utf8 string: expected UTF-8");
        }
      }
      case UNIT -> checkUnit();
      case SERIES, COMMENT, EOF -> throw new AssertionError(entry);
    }
  }

  private MetricType readType() {
    String word = Utf8.text(page, textFrom, to - textFrom);
    if (openMetrics) {
      for (MetricType known : MetricType.values()) {
        if (known.text().equals(word)) {
          return known;
        }
      }
    } else {
      switch (word) {
        case "counter":
          return MetricType.COUNTER;
        case "gauge":
          return MetricType.GAUGE;
        case "histogram":
          return MetricType.HISTOGRAM;
        case "summary":
          return MetricType.SUMMARY;
        case "untyped":
          return MetricType.UNKNOWN;
        default:
          break;
      }
    }
    throw lexer.fail(
        textFrom,
        "invalid metric type: expected counter, gauge, histogram, summary"
            + (openMetrics ? ", gaugehistogram, info, stateset or unknown" : " or untyped"));
  }

  private void checkUnit() {
    int length = to - textFrom;
    if (length == 0) {
      return;
    }
    int suffix = nameTo - length;
    if (suffix - 1 < nameFrom
        || page[suffix - 1] != '_'
        || !Utf8.equal(page, suffix, length, page, textFrom, length)) {
      throw lexer.fail(textFrom, "expected a unit that is the suffix of the metric's name");
    }
  }
}
