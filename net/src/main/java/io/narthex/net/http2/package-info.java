/**
 * HTTP/2 for a client with one request at a time (RFC 9113), over streams that somebody else has
 * opened and secured: frames, header blocks (HPACK, RFC 7541), windows, and what a server may not
 * do. Connecting, deadlines, redirects, credentials and packed bodies are not known here. Start at
 * {@link io.narthex.net.http2.Http2Connection}.
 *
 * <p>A connection begins with our 24 bytes {@code PRI * HTTP/2.0 CRLF CRLF SM CRLF CRLF}; then both
 * sides send frames (RFC 9113, section 4.1; numbers are big-endian, R is ignored):
 *
 * <pre>
 * +----------------+---------+----------+-+----------------+------------------+
 * | payload length | type    | flags    |R| stream         | payload ...      |
 * | 24 bits        | 8 bits  | 8 bits   | | 31 bits        | of at most 16384 |
 * +----------------+---------+----------+-+----------------+------------------+
 *
 * 0 DATA          [pad length 8 if PADDED] bytes [padding]
 * 1 HEADERS       [pad length 8 if PADDED] [40 bits if PRIORITY] part of a block [padding]
 * 2 PRIORITY      40 bits that nobody heeds any more
 * 3 RST_STREAM    error code 32: this stream is over
 * 4 SETTINGS      (key 16, value 32)*, answered by one with ACK and no payload
 * 5 PUSH_PROMISE  forbidden by our settings
 * 6 PING          64 bits, answered by the same with ACK
 * 7 GOAWAY        R, last stream 31, error code 32, text: no new streams
 * 8 WINDOW_UPDATE R, increment 31: so many bytes of DATA more, of a stream or (0) of all
 * 9 CONTINUATION  part of a block, right behind its HEADERS
 * </pre>
 *
 * <p>A block of header fields is one sequence of bytes, cut into HEADERS and CONTINUATION anywhere
 * (RFC 7541, section 6; {@code n+} is a number with a prefix of n bits, section 5.1):
 *
 * <pre>
 * 1 7+                     a field of the tables: 1 to 61 are fixed, 62 is the youngest of the others
 * 01 6+ [name] value       a field, and it goes into the table; the name is that of an entry, or 0
 * 0000 4+ [name] value     a field that does not
 * 0001 4+ [name] value     a secret that nobody on the way may put into a table either
 * 001 5+                   the table may have so many bytes from here on
 *
 * name, value              H 7+ bytes; with H they are Huffman's code of appendix B
 * </pre>
 */
@NullMarked
package io.narthex.net.http2;

import org.jspecify.annotations.NullMarked;
