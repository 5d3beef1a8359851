package io.narthex.api.v1;

import io.narthex.base.json.JsonWriter;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.DurationExpr;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.FunctionSignature;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.TimeSpan;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.ast.VectorMatching;
import io.narthex.promql.ast.VectorSelector;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The syntax tree of an expression as JSON, members sorted by name as upstream prints them. */
final class SyntaxJson {

  private SyntaxJson() {}

  static void write(JsonWriter json, @Nullable Expr expr) throws IOException {
    switch (expr) {
      case null -> json.nullValue();
      case Aggregate a -> {
        node(json.beginObject(), "expr", a.expr());
        texts(json.name("grouping"), a.grouping());
        json.member("op", a.operator().text());
        node(json, "param", a.parameter());
        json.member("type", "aggregation").name("without").bool(a.without()).endObject();
      }
      case Binary b -> {
        json.beginObject().name("bool").bool(b.bool());
        node(json, "lhs", b.left());
        matching(json.name("matching"), b.matching());
        json.member("op", b.operator().symbol());
        node(json, "rhs", b.right());
        json.member("type", "binaryExpr").endObject();
      }
      case Call c -> {
        json.beginObject().name("args").beginArray();
        for (Expr argument : c.arguments()) {
          write(json, argument);
        }
        json.endArray();
        function(json.name("func"), c.function());
        json.member("type", "call").endObject();
      }
      case MatrixSelector m -> {
        VectorSelector s = m.selector();
        extension(json.beginObject(), s, "anchored", VectorSelector.Extension.ANCHORED);
        matchers(json.name("matchers"), s.matchers());
        json.member("name", s.name());
        span(json, "offset", s.time().offset());
        span(json, "range", m.range());
        extension(json, s, "smoothed", VectorSelector.Extension.SMOOTHED);
        time(json, s.time());
        json.member("type", "matrixSelector").endObject();
      }
      case NumberLiteral n -> {
        json.beginObject();
        if (n.duration()) {
          json.name("duration").bool(true);
        }
        json.member("type", "numberLiteral").member("val", plain(n.value())).endObject();
      }
      case Paren p -> {
        node(json.beginObject(), "expr", p.expr());
        json.member("type", "parenExpr").endObject();
      }
      case StringLiteral s ->
          json.beginObject().member("type", "stringLiteral").member("val", s.value()).endObject();
      case Subquery s -> {
        node(json.beginObject(), "expr", s.expr());
        span(json, "offset", s.time().offset());
        span(json, "range", s.range());
        span(json, "step", s.step() == null ? TimeSpan.ZERO : s.step());
        time(json, s.time());
        json.member("type", "subquery").endObject();
      }
      case Unary u -> {
        node(json.beginObject(), "expr", u.expr());
        json.member("op", sign(u.sign())).member("type", "unaryExpr").endObject();
      }
      case VectorSelector s -> {
        extension(json.beginObject(), s, "anchored", VectorSelector.Extension.ANCHORED);
        matchers(json.name("matchers"), s.matchers());
        json.member("name", s.name());
        span(json, "offset", s.time().offset());
        extension(json, s, "smoothed", VectorSelector.Extension.SMOOTHED);
        time(json, s.time());
        json.member("type", "vectorSelector").endObject();
      }
    }
  }

  private static void node(JsonWriter json, String name, @Nullable Expr expr) throws IOException {
    write(json.name(name), expr);
  }

  private static String sign(Unary.Sign sign) {
    return switch (sign) {
      case PLUS -> "+";
      case MINUS -> "-";
    };
  }

  private static void extension(
      JsonWriter json, VectorSelector selector, String name, VectorSelector.Extension extension)
      throws IOException {
    json.name(name).bool(selector.extension() == extension);
  }

  private static void matching(JsonWriter json, @Nullable VectorMatching matching)
      throws IOException {
    if (matching == null) {
      json.nullValue();
      return;
    }
    json.beginObject().member("card", matching.cardinality().text());
    json.name("fillValues").beginObject();
    fill(json.name("lhs"), matching.fillLeft());
    fill(json.name("rhs"), matching.fillRight());
    json.endObject();
    texts(json.name("include"), matching.include());
    texts(json.name("labels"), matching.labels());
    json.name("on").bool(matching.on()).endObject();
  }

  private static void fill(JsonWriter json, @Nullable Double value) throws IOException {
    if (value == null) {
      json.nullValue();
    } else if (Double.isFinite(value)) {
      json.number(value);
    } else {
      json.string(plain(value));
    }
  }

  private static void function(JsonWriter json, FunctionSignature function) throws IOException {
    json.beginObject().name("argTypes").beginArray();
    for (ValueType type : function.arguments()) {
      json.string(type.resultType());
    }
    json.endArray().member("name", function.name());
    json.member("returnType", function.returns().resultType());
    json.member("variadic", function.variadic()).endObject();
  }

  private static void matchers(JsonWriter json, List<Matcher> matchers) throws IOException {
    json.beginArray();
    for (Matcher matcher : matchers) {
      json.beginObject().member("name", matcher.name());
      json.member("type", matcher.type().operator()).member("value", matcher.value()).endObject();
    }
    json.endArray();
  }

  private static void texts(JsonWriter json, List<String> texts) throws IOException {
    json.beginArray();
    for (String text : texts) {
      json.string(text);
    }
    json.endArray();
  }

  private static void time(JsonWriter json, TimeModifier time) throws IOException {
    json.name("startOrEnd");
    switch (time.preprocessor()) {
      case null -> json.nullValue();
      case START -> json.string("start");
      case END -> json.string("end");
    }
    json.name("timestamp");
    Long at = time.atMillis();
    if (at == null) {
      json.nullValue();
    } else {
      json.number(at.longValue());
    }
  }

  private static void span(JsonWriter json, String name, TimeSpan span) throws IOException {
    json.member(name, span.millis());
    duration(json.name(name + "Expr"), span.expr());
  }

  private static void duration(JsonWriter json, @Nullable DurationExpr expr) throws IOException {
    switch (expr) {
      case null -> json.nullValue();
      case DurationExpr.Literal literal -> {
        json.beginObject();
        if (literal.duration()) {
          json.name("duration").bool(true);
        }
        json.member("type", "numberLiteral").member("val", plain(literal.seconds())).endObject();
      }
      case DurationExpr.Signed signed ->
          duration(json, null, sign(signed.sign()), signed.expr(), signed.wrapped());
      case DurationExpr.Combined both ->
          duration(json, both.left(), both.operator().symbol(), both.right(), both.wrapped());
      case DurationExpr.Function function ->
          duration(
              json, function.left(), function.name().text(), function.right(), function.wrapped());
    }
  }

  private static void duration(
      JsonWriter json,
      @Nullable DurationExpr left,
      String operator,
      @Nullable DurationExpr right,
      boolean wrapped)
      throws IOException {
    duration(json.beginObject().name("lhs"), left);
    duration(json.member("op", operator).name("rhs"), right);
    json.member("type", "durationExpr").name("wrapped").bool(wrapped).endObject();
  }

  /** The fewest digits that mean this number, never with an exponent. */
  private static String plain(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return value == 0
        ? "0"
        : new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
