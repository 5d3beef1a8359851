package io.narthex.promql.ast;

import java.util.List;

/**
 * The name and types of a function.
 *
 * @param arguments the types of the arguments; the last one repeats where {@code variadic} says so
 * @param variadic 0: all arguments are required; n &gt; 0: the last of them and up to n − 1 more
 *     are optional; −1: the last is optional and any number may follow (as upstream's table says)
 * @param experimental whether it needs the feature flag promql-experimental-functions
 */
public record FunctionSignature(
    String name,
    List<ValueType> arguments,
    int variadic,
    ValueType returns,
    boolean experimental) {}
