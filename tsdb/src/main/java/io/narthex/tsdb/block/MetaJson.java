package io.narthex.tsdb.block;

import io.narthex.base.bytes.Utf8;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code meta.json} as text, laid out as Go's {@code MarshalIndent} with tabs does: a key per line,
 * figures that are zero left out.
 */
final class MetaJson {

  private static final JsonFactory JSON = new JsonFactory();

  private MetaJson() {}

  // Reading.

  static BlockMeta read(byte[] json) {
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      return meta(in);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(String.valueOf(e.getOriginalMessage()), e);
    }
  }

  private static BlockMeta meta(JsonParser in) {
    Ulid ulid = null;
    long minTime = 0;
    long maxTime = 0;
    long version = 0;
    BlockMeta.Stats stats = BlockMeta.Stats.NONE;
    BlockMeta.Compaction compaction =
        new BlockMeta.Compaction(0, List.of(), false, List.of(), false, List.of());
    Map<String, String> others = new LinkedHashMap<>();
    for (String key = name(in); key != null; key = name(in)) {
      switch (key) {
        case "ulid" -> ulid = Ulid.parse(text(in, key));
        case "minTime" -> minTime = number(in, key);
        case "maxTime" -> maxTime = number(in, key);
        case "version" -> version = number(in, key);
        case "stats" -> stats = stats(in);
        case "compaction" -> compaction = compaction(in);
        default -> others.put(key, raw(in));
      }
    }
    if (version != BlockMeta.VERSION) {
      throw new IllegalArgumentException("unexpected meta file version " + version);
    }
    if (ulid == null) {
      throw new IllegalArgumentException("no ulid");
    }
    return new BlockMeta(ulid, minTime, maxTime, stats, compaction, others);
  }

  private static BlockMeta.Stats stats(JsonParser in) {
    long samples = 0;
    long floats = 0;
    long histograms = 0;
    long series = 0;
    long chunks = 0;
    long tombstones = 0;
    expect(in, JsonToken.START_OBJECT, "stats");
    for (String key = name(in); key != null; key = name(in)) {
      switch (key) {
        case "numSamples" -> samples = number(in, key);
        case "numFloatSamples" -> floats = number(in, key);
        case "numHistogramSamples" -> histograms = number(in, key);
        case "numSeries" -> series = number(in, key);
        case "numChunks" -> chunks = number(in, key);
        case "numTombstones" -> tombstones = number(in, key);
        default -> skip(in);
      }
    }
    return new BlockMeta.Stats(samples, floats, histograms, series, chunks, tombstones);
  }

  private static BlockMeta.Compaction compaction(JsonParser in) {
    long level = 0;
    boolean deletable = false;
    boolean failed = false;
    List<Ulid> sources = new ArrayList<>();
    List<BlockMeta.Parent> parents = new ArrayList<>();
    List<String> hints = new ArrayList<>();
    expect(in, JsonToken.START_OBJECT, "compaction");
    for (String key = name(in); key != null; key = name(in)) {
      switch (key) {
        case "level" -> level = number(in, key);
        case "deletable" -> deletable = flag(in, key);
        case "failed" -> failed = flag(in, key);
        case "sources" -> texts(in, key).forEach(text -> sources.add(Ulid.parse(text)));
        case "hints" -> hints.addAll(texts(in, key));
        case "parents" -> parents.addAll(parents(in));
        default -> skip(in);
      }
    }
    return new BlockMeta.Compaction(
        Math.toIntExact(level), sources, deletable, parents, failed, hints);
  }

  private static List<BlockMeta.Parent> parents(JsonParser in) {
    List<BlockMeta.Parent> found = new ArrayList<>();
    if (in.nextToken() == JsonToken.VALUE_NULL) {
      return found;
    }
    while (in.nextToken() == JsonToken.START_OBJECT) {
      Ulid ulid = null;
      long minTime = 0;
      long maxTime = 0;
      for (String key = name(in); key != null; key = name(in)) {
        switch (key) {
          case "ulid" -> ulid = Ulid.parse(text(in, key));
          case "minTime" -> minTime = number(in, key);
          case "maxTime" -> maxTime = number(in, key);
          default -> skip(in);
        }
      }
      if (ulid == null) {
        throw new IllegalArgumentException("a parent without ulid");
      }
      found.add(new BlockMeta.Parent(ulid, minTime, maxTime));
    }
    return found;
  }

  private static @Nullable String name(JsonParser in) {
    return in.nextToken() == JsonToken.PROPERTY_NAME ? in.currentName() : null;
  }

  private static void expect(JsonParser in, JsonToken wanted, String key) {
    if (in.nextToken() != wanted) {
      throw new IllegalArgumentException("unexpected value of " + key);
    }
  }

  private static long number(JsonParser in, String key) {
    expect(in, JsonToken.VALUE_NUMBER_INT, key);
    return in.getLongValue();
  }

  private static String text(JsonParser in, String key) {
    expect(in, JsonToken.VALUE_STRING, key);
    return in.getString();
  }

  private static boolean flag(JsonParser in, String key) {
    JsonToken token = in.nextToken();
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw new IllegalArgumentException("unexpected value of " + key);
    }
    return token == JsonToken.VALUE_TRUE;
  }

  private static List<String> texts(JsonParser in, String key) {
    List<String> found = new ArrayList<>();
    if (in.nextToken() == JsonToken.VALUE_NULL) {
      return found;
    }
    while (in.nextToken() == JsonToken.VALUE_STRING) {
      found.add(in.getString());
    }
    if (in.currentToken() != JsonToken.END_ARRAY) {
      throw new IllegalArgumentException("unexpected value of " + key);
    }
    return found;
  }

  private static void skip(JsonParser in) {
    in.nextToken();
    in.skipChildren();
  }

  private static String raw(JsonParser in) {
    in.nextToken();
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      out.copyCurrentStructureExact(in);
    }
    return text.toString();
  }

  // Writing.

  static String write(BlockMeta meta) {
    JsonLines out = new JsonLines();
    out.open('{');
    out.key("ulid").text(meta.ulid().toString());
    out.key("minTime").number(meta.minTime());
    out.key("maxTime").number(meta.maxTime());
    BlockMeta.Stats stats = meta.stats();
    out.key("stats").open('{');
    out.numberUnlessZero("numSamples", stats.samples());
    out.numberUnlessZero("numFloatSamples", stats.floatSamples());
    out.numberUnlessZero("numHistogramSamples", stats.histogramSamples());
    out.numberUnlessZero("numSeries", stats.series());
    out.numberUnlessZero("numChunks", stats.chunks());
    out.numberUnlessZero("numTombstones", stats.tombstones());
    out.close('}');
    writeCompaction(out, meta.compaction());
    out.key("version").number(BlockMeta.VERSION);
    meta.others().keySet().stream()
        .sorted()
        .forEach(key -> {
          out.key(key);
          copy(out, String.valueOf(meta.others().get(key)));
        });
    out.close('}');
    return out.toString();
  }

  private static void writeCompaction(JsonLines out, BlockMeta.Compaction compaction) {
    out.key("compaction").open('{');
    out.key("level").number(compaction.level());
    if (!compaction.sources().isEmpty()) {
      out.key("sources").open('[');
      compaction.sources().forEach(source -> out.element().text(source.toString()));
      out.close(']');
    }
    if (compaction.deletable()) {
      out.key("deletable").raw("true");
    }
    if (!compaction.parents().isEmpty()) {
      out.key("parents").open('[');
      for (BlockMeta.Parent parent : compaction.parents()) {
        out.element().open('{');
        out.key("ulid").text(parent.ulid().toString());
        out.key("minTime").number(parent.minTime());
        out.key("maxTime").number(parent.maxTime());
        out.close('}');
      }
      out.close(']');
    }
    if (compaction.failed()) {
      out.key("failed").raw("true");
    }
    if (!compaction.hints().isEmpty()) {
      out.key("hints").open('[');
      compaction.hints().forEach(hint -> out.element().text(hint));
      out.close(']');
    }
    out.close('}');
  }

  /** Copies JSON text in the layout of the rest. */
  private static void copy(JsonLines out, String json) {
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), Utf8.bytes(json))) {
      boolean inArray = false;
      List<Boolean> around = new ArrayList<>();
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        boolean ends = token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT;
        if (inArray && !ends) {
          out.element();
        }
        if (token == JsonToken.PROPERTY_NAME) {
          out.key(in.currentName());
        } else if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
          around.add(inArray);
          inArray = token == JsonToken.START_ARRAY;
          out.open(inArray ? '[' : '{');
        } else if (ends) {
          out.close(token == JsonToken.END_ARRAY ? ']' : '}');
          inArray = around.removeLast();
        } else if (token == JsonToken.VALUE_STRING) {
          out.text(in.getString());
        } else {
          out.raw(in.getString());
        }
      }
    }
  }

  /** JSON text with a line per element and tabs before it. */
  private static final class JsonLines {
    private final StringBuilder out = new StringBuilder();
    private int depth;
    private boolean first;

    JsonLines key(String name) {
      element();
      text(name);
      out.append(": ");
      return this;
    }

    JsonLines element() {
      if (!first) {
        out.append(',');
      }
      first = false;
      line();
      return this;
    }

    void open(char bracket) {
      out.append(bracket);
      depth++;
      first = true;
    }

    void close(char bracket) {
      depth--;
      if (!first) {
        line();
      }
      first = false;
      out.append(bracket);
    }

    void numberUnlessZero(String name, long value) {
      if (value != 0) {
        key(name).number(value);
      }
    }

    void number(long value) {
      out.append(value);
    }

    void raw(String text) {
      out.append(text);
    }

    void text(String value) {
      StringWriter quoted = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), quoted)) {
        json.writeString(value);
      }
      out.append(quoted);
    }

    private void line() {
      out.append('\n');
      out.repeat('\t', depth);
    }

    @Override
    public String toString() {
      return out.toString();
    }
  }
}
