package io.narthex.promql.parser;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.BinaryOperator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds of tokens, and what may stand where. */
enum TokenKind {
  END(Group.SPECIAL),
  EOF(Group.SPECIAL),
  COMMENT(Group.SPECIAL),
  IDENTIFIER(Group.NAMED),
  METRIC_IDENTIFIER(Group.NAMED),
  STRING(Group.NAMED),
  NUMBER(Group.NAMED),
  DURATION(Group.NAMED),

  LEFT_PAREN(Group.PUNCTUATION),
  RIGHT_PAREN(Group.PUNCTUATION),
  LEFT_BRACE(Group.PUNCTUATION),
  RIGHT_BRACE(Group.PUNCTUATION),
  LEFT_BRACKET(Group.PUNCTUATION),
  RIGHT_BRACKET(Group.PUNCTUATION),
  COMMA(Group.PUNCTUATION),
  COLON(Group.PUNCTUATION),
  ASSIGN(Group.PUNCTUATION),

  ADD(BinaryOperator.ADD),
  SUB(BinaryOperator.SUBTRACT),
  MUL(BinaryOperator.MULTIPLY),
  DIV(BinaryOperator.DIVIDE),
  MOD(BinaryOperator.MODULO),
  POW(BinaryOperator.POWER),
  EQUAL(BinaryOperator.EQUAL),
  NOT_EQUAL(BinaryOperator.NOT_EQUAL),
  LESS(BinaryOperator.LESS),
  LESS_OR_EQUAL(BinaryOperator.LESS_OR_EQUAL),
  GREATER(BinaryOperator.GREATER),
  GREATER_OR_EQUAL(BinaryOperator.GREATER_OR_EQUAL),
  TRIM_UPPER(BinaryOperator.TRIM_UPPER),
  TRIM_LOWER(BinaryOperator.TRIM_LOWER),
  REGEX_MATCH(Group.OPERATOR),
  REGEX_NO_MATCH(Group.OPERATOR),
  AT(Group.OPERATOR),
  AND("and", BinaryOperator.AND, Use.METRIC_AND_LABEL),
  OR("or", BinaryOperator.OR, Use.METRIC_AND_LABEL),
  UNLESS("unless", BinaryOperator.UNLESS, Use.METRIC_AND_LABEL),
  ATAN2("atan2", BinaryOperator.ATAN2, Use.LABEL),

  SUM(Aggregate.Operator.SUM),
  AVG(Aggregate.Operator.AVG),
  COUNT(Aggregate.Operator.COUNT),
  MIN(Aggregate.Operator.MIN),
  MAX(Aggregate.Operator.MAX),
  GROUP(Aggregate.Operator.GROUP),
  STDDEV(Aggregate.Operator.STDDEV),
  STDVAR(Aggregate.Operator.STDVAR),
  TOPK(Aggregate.Operator.TOPK),
  BOTTOMK(Aggregate.Operator.BOTTOMK),
  COUNT_VALUES(Aggregate.Operator.COUNT_VALUES),
  QUANTILE(Aggregate.Operator.QUANTILE),
  LIMITK(Aggregate.Operator.LIMITK),
  LIMIT_RATIO(Aggregate.Operator.LIMIT_RATIO),

  OFFSET("offset", Group.KEYWORD, Use.METRIC_AND_LABEL),
  ANCHORED("anchored", Group.KEYWORD, Use.METRIC_AND_LABEL),
  SMOOTHED("smoothed", Group.KEYWORD, Use.METRIC_AND_LABEL),
  BY("by", Group.KEYWORD, Use.METRIC_AND_LABEL),
  WITHOUT("without", Group.KEYWORD, Use.METRIC),
  ON("on", Group.KEYWORD, Use.LABEL),
  IGNORING("ignoring", Group.KEYWORD, Use.LABEL),
  GROUP_LEFT("group_left", Group.KEYWORD, Use.LABEL),
  GROUP_RIGHT("group_right", Group.KEYWORD, Use.LABEL),
  FILL("fill", Group.KEYWORD, Use.METRIC_AND_LABEL),
  FILL_LEFT("fill_left", Group.KEYWORD, Use.METRIC_AND_LABEL),
  FILL_RIGHT("fill_right", Group.KEYWORD, Use.METRIC_AND_LABEL),
  BOOL("bool", Group.KEYWORD, Use.LABEL),

  START("start", Group.PREPROCESSOR, Use.METRIC_AND_LABEL),
  END_OF_RANGE("end", Group.PREPROCESSOR, Use.METRIC_AND_LABEL),
  STEP("step", Group.PREPROCESSOR, Use.METRIC_AND_LABEL),
  RANGE("range", Group.PREPROCESSOR, Use.METRIC_AND_LABEL),
  MIN_OF("min_of", Group.PREPROCESSOR, Use.METRIC_AND_LABEL),
  MAX_OF("max_of", Group.PREPROCESSOR, Use.METRIC_AND_LABEL);

  /** What a kind is called in messages. */
  enum Group {
    SPECIAL,
    NAMED,
    PUNCTUATION,
    OPERATOR,
    AGGREGATOR,
    KEYWORD,
    PREPROCESSOR
  }

  /** What else a word may stand for. */
  private enum Use {
    NONE,
    METRIC,
    LABEL,
    METRIC_AND_LABEL
  }

  private static final Map<String, TokenKind> WORDS = new HashMap<>();

  static {
    for (TokenKind kind : values()) {
      if (!kind.word.isEmpty()) {
        WORDS.put(kind.word, kind);
      }
    }
    WORDS.put("inf", NUMBER);
    WORDS.put("nan", NUMBER);
  }

  private final String word;
  private final Group group;
  private final Use use;
  private final @Nullable BinaryOperator operator;
  private final Aggregate.@Nullable Operator aggregation;

  TokenKind(
      String word,
      Group group,
      Use use,
      @Nullable BinaryOperator operator,
      Aggregate.@Nullable Operator aggregation) {
    this.word = word;
    this.group = group;
    this.use = use;
    this.operator = operator;
    this.aggregation = aggregation;
  }

  TokenKind(Group group) {
    this("", group, Use.NONE, null, null);
  }

  TokenKind(String word, Group group, Use use) {
    this(word, group, use, null, null);
  }

  TokenKind(BinaryOperator operator) {
    this("", Group.OPERATOR, Use.NONE, operator, null);
  }

  TokenKind(String word, BinaryOperator operator, Use use) {
    this(word, Group.OPERATOR, use, operator, null);
  }

  TokenKind(Aggregate.Operator aggregation) {
    this(aggregation.text(), Group.AGGREGATOR, Use.METRIC_AND_LABEL, null, aggregation);
  }

  /** The kind of a word that has a meaning of its own, in any case; null for all others. */
  static @Nullable TokenKind ofWord(String word) {
    return WORDS.get(word.toLowerCase(Locale.ROOT));
  }

  Group group() {
    return group;
  }

  /** The operator between two expressions that it stands for, or null. */
  @Nullable BinaryOperator operator() {
    return operator;
  }

  /** The aggregation that it stands for, or null. */
  Aggregate.@Nullable Operator aggregation() {
    return aggregation;
  }

  /** Whether it can be the name of a metric. */
  boolean isMetricName() {
    return this == IDENTIFIER
        || this == METRIC_IDENTIFIER
        || use == Use.METRIC
        || use == Use.METRIC_AND_LABEL;
  }

  /** Whether it can be the name of a label in a grouping. */
  boolean isLabelName() {
    return this == IDENTIFIER
        || this == METRIC_IDENTIFIER
        || use == Use.LABEL
        || use == Use.METRIC_AND_LABEL;
  }

  /** Whether a parenthesis behind it makes it a call of a function. */
  boolean isFunctionName() {
    return this == IDENTIFIER || group == Group.PREPROCESSOR;
  }
}
