package io.narthex.promql.ast;

/** The types of values. */
public enum ValueType {
  SCALAR("scalar", "scalar"),
  VECTOR("vector", "instant vector"),
  MATRIX("matrix", "range vector"),
  STRING("string", "string"),
  NONE("none", "none");

  private final String resultType;
  private final String description;

  ValueType(String resultType, String description) {
    this.resultType = resultType;
    this.description = description;
  }

  /** The name in the API's {@code resultType}. */
  public String resultType() {
    return resultType;
  }

  /** The name in messages for people. */
  public String description() {
    return description;
  }
}
