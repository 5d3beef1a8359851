package io.narthex.discovery.aws;

import io.narthex.discovery.aws.api.Xml;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Which element of an answer becomes which label: for services that tell of a hundred things and
 * more.
 */
final class LabelTable {

  private record Row(String path, String label, boolean isTime) {}

  private final List<Row> rows;

  private LabelTable(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Reads a table of one row a line: the path of the element, the label without the prefix and, for
   * points in time, the word {@code time}.
   */
  static LabelTable of(String prefix, String table) {
    return new LabelTable(
        table
            .lines()
            .map(line -> line.strip().split(" +"))
            .map(row -> new Row(row[0], prefix + row[1], row.length > 2))
            .toList());
  }

  /** Sets the labels of an element; what is missing in it has no label. */
  void set(LabelsBuilder labels, Xml element) throws IOException {
    for (Row row : rows) {
      String text = element.text(row.path);
      if (!text.isEmpty()) {
        labels.set(row.label, row.isTime ? time(text) : text);
      }
    }
  }

  /** Sets the labels of the elements of a list, with their numbers behind the names. */
  void setEach(LabelsBuilder labels, List<Xml> elements) {
    for (int i = 0; i < elements.size(); i++) {
      for (Row row : rows) {
        labels.set(row.label + "_" + i, elements.get(i).text(row.path));
      }
    }
  }

  /** To the second, as RFC 3339 has it. */
  private static String time(String text) throws IOException {
    try {
      return OffsetDateTime.parse(text)
          .truncatedTo(ChronoUnit.SECONDS)
          .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    } catch (DateTimeParseException e) {
      throw new IOException("\"" + text + "\" is no point in time", e);
    }
  }
}
