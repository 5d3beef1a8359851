package io.narthex.model.exposition;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.labels.LabelsBuilder;

/**
 * Reads a page of an exposition line by line, by pulling. Reusable; it belongs to one thread.
 *
 * <p><b>Two ways to read a line.</b> {@link #next} reads it forward with every check. {@link
 * #nextQuick} only finds its end, cuts value and timestamp off from behind, and takes what is left
 * for the series; that is several times faster, and it may be wrong: only a look at the quotes from
 * the front tells whether a brace or a blank stands in a label value, and where an exemplar begins.
 * It is for callers that know series by their text. A series text ends itself (by its brace, or by
 * the end of its name), so where the text that the quick way cut is one that {@link #confirm} has
 * accepted before, the careful way would cut it there too, and the value is the value. Where it is
 * not known, call {@link #confirm}: it reads the line again, carefully, and corrects everything.
 *
 * <p>A caller that even knows which line to expect asks {@link #mayBeSeries}, compares the text,
 * and says {@link #takeSeries}: then the end of the line need not be searched either.
 *
 * <p>What the quick way cannot read at all it confirms by itself, so that an error is always the
 * careful reader's.
 */
public final class ExpositionTokenizer {

  /** What a line is. */
  public enum Entry {
    TYPE,
    HELP,
    UNIT,
    SERIES,
    COMMENT,
    /** The end of the page; in OpenMetrics, of {@code # EOF}. */
    EOF
  }

  /** The length of {@code " # {"}, which begins an exemplar. */
  private static final int EXEMPLAR_MARK = 4;

  private final SeriesLexer lexer = new SeriesLexer();
  private final SeriesLexer exemplarLexer = new SeriesLexer();
  private final CommentLexer comments = new CommentLexer(lexer);
  private final NumberReader numbers = new NumberReader();
  private byte[] page = new byte[0];
  private int at;
  private int end;
  private boolean openMetrics;

  private Entry entry = Entry.EOF;
  private boolean confirmed;
  private int lineFrom;
  private int from;
  private int to;
  private double value;
  private boolean hasTimestamp;
  private long timestamp;
  private double timestampSeconds;
  private MetricType type = MetricType.UNKNOWN;
  private int nameFrom;
  private int nameTo;
  private boolean hasExemplar;
  private double exemplarValue;
  private boolean hasExemplarTimestamp;
  private long exemplarTimestamp;

  /** Begins a page; the array is read until the next reset and never written. */
  public void reset(byte[] page, int from, int to, ExpositionFormat format) {
    this.page = page;
    this.at = from;
    this.end = to;
    if (format == ExpositionFormat.PROTOBUF) {
      throw new IllegalArgumentException("protobuf has no lines");
    }
    this.openMetrics = format == ExpositionFormat.OPENMETRICS;
    this.type = MetricType.UNKNOWN;
    this.entry = Entry.EOF;
    lexer.reset(page, from, to, openMetrics);
    exemplarLexer.reset(page, from, to, openMetrics);
    comments.reset(page, to, openMetrics);
  }

  /**
   * Reads the next line with every check.
   *
   * @throws ExpositionException if it does not follow the format; the page is over then
   */
  public Entry next() {
    Entry next = nextQuick();
    if (!confirmed) {
      confirm();
    }
    return next;
  }

  /**
   * Reads the next line so far that a cache of known lines can tell whether it knows it: {@link
   * #from} and {@link #to} are set, and for a series the value and the timestamp, all subject to
   * {@link #confirm}.
   *
   * @throws ExpositionException if it does not follow the format; the page is over then
   */
  public Entry nextQuick() {
    hasExemplar = false;
    int i = at;
    if (!openMetrics) {
      while (i < end && (page[i] == '\n' || page[i] == ' ' || page[i] == '\t')) {
        i++;
      }
      if (i >= end) {
        at = end;
        return done(Entry.EOF);
      }
    } else if (i >= end) {
      throw lexer.fail(i, "data does not end with # EOF: expected '# EOF'");
    }
    lineFrom = i;
    if (page[i] == '#') {
      return comment(i);
    }
    int newline = Lines.end(page, i, end);
    entry = Entry.SERIES;
    from = i;
    confirmed = false;
    if ((newline == end && openMetrics) || !cut(i, newline)) {
      confirm();
      return Entry.SERIES;
    }
    at = newline + 1;
    return Entry.SERIES;
  }

  /** The offset of the next line, for a caller that tries what it expects there. */
  public int at() {
    return at;
  }

  /** Whether the next line may be a series whose text is this long. */
  public boolean mayBeSeries(int length) {
    int behind = at + length;
    return length > 0 && behind + 1 < end && page[behind] == ' ' && page[at] != '#';
  }

  /** Whether the next line may be a comment of this length. */
  public boolean mayBeComment(int length) {
    int behind = at + length;
    return length > 0 && behind < end && page[behind] == '\n' && page[at] == '#';
  }

  /**
   * Takes the next line for a series whose text is known: of this length, and accepted by {@link
   * #confirm} before. It reads what follows the text; nothing is searched.
   *
   * @return false if something else follows than a plain value and perhaps a timestamp and an
   *     exemplar: then the line is still the next one
   * @throws ExpositionException if there is an exemplar that does not follow the format; the page
   *     is over then
   */
  public boolean takeSeries(int length) {
    int start = at;
    int i = start + length + 1;
    double number = numbers.read(page, i, end);
    int stop = numbers.end();
    if (stop >= end) {
      return false;
    }
    if (Numbers.isInvalid(number)) {
      return false;
    }
    hasTimestamp = false;
    hasExemplar = false;
    if (page[stop] != '\n') {
      stop = knownRest(stop);
      if (stop >= end || page[stop] != '\n') {
        return false;
      }
    }
    value = number;
    entry = Entry.SERIES;
    confirmed = false;
    lineFrom = start;
    from = start;
    to = start + length;
    at = stop + 1;
    return true;
  }

  /** Reads timestamp and exemplar behind a value, and returns where the line should end. */
  private int knownRest(int valueTo) {
    int stop = valueTo;
    if (page[stop] == ' ' && !(openMetrics && exemplarAt(stop))) {
      int i = stop + 1;
      stop = tokenEnd(i);
      if (stop == i || !readTimestamp(i, stop)) {
        return end;
      }
    }
    return openMetrics && exemplarAt(stop) ? exemplar(stop + EXEMPLAR_MARK) : stop;
  }

  /** Skips the next line, which is a comment of this length that is known. */
  public void takeComment(int length) {
    lineFrom = at;
    from = at;
    to = at + length;
    at = to + 1;
    done(Entry.COMMENT);
  }

  private Entry done(Entry what) {
    entry = what;
    confirmed = true;
    return what;
  }

  /** Cuts {@code series value [timestamp]} from behind; false if it does not look like that. */
  private boolean cut(int start, int newline) {
    byte[] b = page;
    int stop = newline;
    while (stop > start && isBlank(b[stop - 1])) {
      stop--;
    }
    if (stop != newline && openMetrics) {
      return false;
    }
    int last = fieldStart(b, start, stop);
    int before = blanksBefore(b, start, last);
    if (before <= start || !isGap(b, before, last)) {
      return false;
    }
    int valueFrom = last;
    int valueTo = stop;
    int seriesTo = before;
    hasTimestamp = false;
    if (b[before - 1] != '}') {
      int middle = fieldStart(b, start, before);
      if (middle > start) {
        int series = blanksBefore(b, start, middle);
        if (series == start
            || !isGap(b, series, middle)
            || (b[series - 1] != '}' && fieldStart(b, start, series) != start)) {
          return false;
        }
        if (!readTimestamp(last, stop)) {
          return false;
        }
        valueFrom = middle;
        valueTo = before;
        seriesTo = series;
      }
    }
    value = Numbers.parse(b, valueFrom, valueTo);
    if (Numbers.isInvalid(value)) {
      return false;
    }
    to = seriesTo;
    return true;
  }

  /** Whether the format allows these blanks between two fields. */
  private boolean isGap(byte[] b, int from, int to) {
    return !openMetrics || (to - from == 1 && b[from] == ' ');
  }

  private static int fieldStart(byte[] b, int start, int stop) {
    int i = stop;
    while (i > start && !isBlank(b[i - 1])) {
      i--;
    }
    return i;
  }

  private static int blanksBefore(byte[] b, int start, int stop) {
    int i = stop;
    while (i > start && isBlank(b[i - 1])) {
      i--;
    }
    return i;
  }

  private static boolean isBlank(byte c) {
    return c == ' ' || c == '\t';
  }

  private boolean readTimestamp(int start, int stop) {
    hasTimestamp = true;
    if (openMetrics) {
      double seconds = Numbers.parse(page, start, stop);
      timestamp = (long) (seconds * 1000);
      timestampSeconds = seconds;
      return Math.abs(seconds) <= Double.MAX_VALUE && !Numbers.isInvalid(seconds);
    }
    boolean negative = page[start] == '-';
    int i = negative ? start + 1 : start;
    if (i == stop || stop - i > 18) {
      return false;
    }
    long t = 0;
    for (; i < stop; i++) {
      if (!SeriesLexer.isDigit(page[i])) {
        return false;
      }
      t = t * 10 + page[i] - '0';
    }
    timestamp = negative ? -t : t;
    return true;
  }

  /**
   * Reads the current line again, with every check, and corrects what {@link #nextQuick} said of
   * it.
   *
   * @throws ExpositionException if it does not follow the format; the page is over then
   */
  public void confirm() {
    switch (entry) {
      case SERIES -> confirmSeries();
      case TYPE, HELP, UNIT -> {
        comments.confirm();
        nameFrom = comments.nameFrom;
        nameTo = comments.nameTo;
        if (entry == Entry.TYPE) {
          type = comments.type;
        }
      }
      case COMMENT, EOF -> {}
    }
    confirmed = true;
  }

  private void confirmSeries() {
    int start = lineFrom;
    from = start;
    to = lexer.series(start);
    nameFrom = lexer.nameFrom;
    nameTo = lexer.nameTo;
    hasTimestamp = false;
    int i = gap(to, "value");
    int stop = tokenEnd(i);
    value = number(i, stop, "metric value");
    if (openMetrics) {
      confirmOpenMetricsRest(stop);
      return;
    }
    i = lexer.blanks(stop);
    if (i < end && page[i] != '\n') {
      stop = tokenEnd(i);
      if (!readTimestamp(i, stop)) {
        throw lexer.fail(i, "expected a timestamp in milliseconds or the end of the line");
      }
      i = lexer.blanks(stop);
      if (i < end && page[i] != '\n') {
        throw lexer.fail(i, "expected the end of the line behind the timestamp");
      }
    }
    at = Math.min(i + 1, end);
  }

  private void confirmOpenMetricsRest(int valueTo) {
    int i = valueTo;
    if (i < end && page[i] == ' ' && !exemplarAt(i)) {
      i++;
      int stop = tokenEnd(i);
      if (i == stop || !readTimestamp(i, stop)) {
        throw lexer.fail(i, "expected a timestamp in seconds, or '# {' of an exemplar");
      }
      i = stop;
    }
    if (exemplarAt(i)) {
      i = exemplar(i + EXEMPLAR_MARK);
    }
    lineEnd(i);
  }

  /** Whether {@code " # {"} stands here. */
  private boolean exemplarAt(int i) {
    return i + EXEMPLAR_MARK <= end
        && page[i] == ' '
        && page[i + 1] == '#'
        && page[i + 2] == ' '
        && page[i + 3] == '{';
  }

  private int exemplar(int behindBrace) {
    int i = gap(exemplarLexer.exemplar(behindBrace), "exemplar value");
    int stop = tokenEnd(i);
    exemplarValue = number(i, stop, "exemplar value");
    hasExemplarTimestamp = false;
    if (stop < end && page[stop] == ' ') {
      i = stop + 1;
      stop = tokenEnd(i);
      double seconds = Numbers.parse(page, i, stop);
      if (Numbers.isInvalid(seconds) || !Double.isFinite(seconds)) {
        throw lexer.fail(i, "expected an exemplar timestamp in seconds");
      }
      hasExemplarTimestamp = true;
      exemplarTimestamp = (long) (seconds * 1000);
    }
    hasExemplar = true;
    return stop;
  }

  private void lineEnd(int i) {
    if (i >= end) {
      throw lexer.fail(i, "data does not end with # EOF: expected the end of the line");
    }
    if (page[i] != '\n') {
      throw lexer.fail(i, "expected the end of the line");
    }
    at = i + 1;
  }

  /** Behind the blank that must stand between a series and what follows it. */
  private int gap(int i, String what) {
    if (openMetrics) {
      if (i >= end || page[i] != ' ') {
        throw lexer.fail(i, "expected one blank and the " + what);
      }
      return i + 1;
    }
    return lexer.blanks(i);
  }

  private int tokenEnd(int start) {
    int i = start;
    while (i < end && page[i] != '\n' && page[i] != ' ' && (openMetrics || page[i] != '\t')) {
      i++;
    }
    return i;
  }

  private double number(int start, int stop, String what) {
    double number = Numbers.parse(page, start, stop);
    if (Numbers.isInvalid(number)) {
      String why = Numbers.isOutOfRange(number) ? ", value out of range" : "";
      throw lexer.fail(start, "expected a number as " + what + why);
    }
    return number;
  }

  private Entry comment(int start) {
    Entry kind = comments.read(start);
    entry = kind;
    confirmed = kind == Entry.COMMENT || kind == Entry.EOF;
    from = start;
    to = comments.to;
    at = comments.next;
    return kind;
  }

  /** The first byte of the series' text, or of the line of metadata or a comment. */
  public int from() {
    return from;
  }

  /** Behind the last byte of the series' text, or of the line. */
  public int to() {
    return to;
  }

  /** Where the line begins. */
  public int lineFrom() {
    return lineFrom;
  }

  /** Whether the current line has been read with every check. */
  public boolean isConfirmed() {
    return confirmed;
  }

  /** The value of the series; NaN always with the bits that Prometheus stores. */
  public double value() {
    return value;
  }

  /** Whether the series has a timestamp of its own. */
  public boolean hasTimestamp() {
    return hasTimestamp;
  }

  /** Its timestamp in milliseconds since the epoch. */
  public long timestamp() {
    return timestamp;
  }

  /** The timestamp of a confirmed series of OpenMetrics as it was written, in seconds. */
  double timestampSeconds() {
    return timestampSeconds;
  }

  /** The type that the last TYPE line gave; it decides how labels are normalised. */
  public MetricType type() {
    return type;
  }

  /** Says what the current TYPE line means, for a caller that knows the line. */
  public void type(MetricType known) {
    type = known;
  }

  /** The name of the metric of a confirmed line, as it is written (without quotes). */
  public String name() {
    return unescaped(nameFrom, nameTo, true);
  }

  /** The text of a confirmed HELP or UNIT line. */
  public String text() {
    return unescaped(comments.textFrom, comments.to, openMetrics);
  }

  private String unescaped(int start, int stop, boolean quotes) {
    String text = Utf8.text(page, start, stop - start);
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(i + 1);
        if (next == '\\' || next == 'n' || (quotes && next == '"')) {
          out.append(next == 'n' ? '\n' : next);
          i++;
          continue;
        }
      }
      out.append(c);
    }
    return out.toString();
  }

  /**
   * Replaces what the builder holds by the labels of a confirmed series, its name among them. The
   * values of {@code le} in histograms and of {@code quantile} in summaries are written the
   * OpenMetrics way.
   *
   * @throws ExpositionException if a label stands there twice
   */
  public void labels(LabelsBuilder into) {
    into.clear();
    lexer.metricName(into);
    lexer.labels(into, type, true);
  }

  /** Whether a series has an exemplar that was read: it is confirmed, or taken as known. */
  public boolean hasExemplar() {
    return hasExemplar;
  }

  /**
   * Replaces what the builder holds by the exemplar's labels.
   *
   * @throws ExpositionException if a label stands there twice
   */
  public void exemplarLabels(LabelsBuilder into) {
    into.clear();
    exemplarLexer.labels(into, MetricType.UNKNOWN, true);
  }

  /** The same, but where a label stands there twice the last one counts. */
  public void lenientExemplarLabels(LabelsBuilder into) {
    into.clear();
    exemplarLexer.labels(into, MetricType.UNKNOWN, false);
  }

  public double exemplarValue() {
    return exemplarValue;
  }

  public boolean hasExemplarTimestamp() {
    return hasExemplarTimestamp;
  }

  /** The exemplar's timestamp in milliseconds since the epoch. */
  public long exemplarTimestamp() {
    return exemplarTimestamp;
  }

  /** A number as the formats write it, all of these bytes; NaN if it is none. */
  public static double number(byte[] text) {
    double number = Numbers.parse(text, 0, text.length);
    return Numbers.isInvalid(number) ? Double.NaN : number;
  }

  /** An error at the beginning of the current line, in the words of the format's own errors. */
  ExpositionException fail(String expected) {
    return lexer.fail(lineFrom, expected);
  }
}
