package io.narthex.promql.ast;

/**
 * A range of the query's text, in bytes of its UTF-8 form as upstream counts them.
 *
 * @param start the first byte
 * @param end the byte behind the last
 */
public record Position(int start, int end) {}
