package io.narthex.tools.query;

import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code promtool query explain}: prints the tree of a query's plan. The times and the step go to
 * the server as they were written, which reads them as the query endpoints do.
 *
 * @param time of an instant query; empty for now
 * @param start of a range query; empty for an instant query
 * @param end of a range query
 * @param step of a range query
 * @param planOnly whether the query is not evaluated
 */
public record QueryExplain(String time, String start, String end, String step, boolean planOnly) {

  /**
   * Asks a server and prints its answer.
   *
   * @throws IOException if there is none; the message is for the user
   */
  public void run(PrintStream out, String server, String expression) throws IOException {
    boolean range = !start.isEmpty() || !end.isEmpty() || !step.isEmpty();
    if (range && !time.isEmpty()) {
      throw new IOException("--time is for one moment, --start, --end and --step are for a range");
    }
    Map<String, String> form = new LinkedHashMap<>();
    form.put("query", expression);
    form.put("format", "text");
    form.put("evaluate", planOnly ? "false" : "true");
    if (range) {
      if (start.isEmpty() || end.isEmpty() || step.isEmpty()) {
        throw new IOException("a range needs --start, --end and --step");
      }
      form.put("start", start);
      form.put("end", end);
      form.put("step", step);
    } else if (!time.isEmpty()) {
      form.put("time", time);
    }
    String path = range ? "/query_range_explain" : "/query_explain";
    out.print(new ServerApi(server).text(path, form, "text"));
  }
}
