package io.narthex.net.http2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields that a block can name by number: 61 fixed ones (RFC 7541, appendix A), and behind them
 * those that earlier blocks of the connection have put in, the youngest first. Memory for the
 * latter is taken when there are some: we ask servers for none.
 */
final class HeaderTable {

  private static final String FIXED =
      """
      :authority
      :method=GET
      :method=POST
      :path=/
      :path=/index.html
      :scheme=http
      :scheme=https
      :status=200
      :status=204
      :status=206
      :status=304
      :status=400
      :status=404
      :status=500
      accept-charset
      accept-encoding=gzip, deflate
      accept-language
      accept-ranges
      accept
      access-control-allow-origin
      age
      allow
      authorization
      cache-control
      content-disposition
      content-encoding
      content-language
      content-length
      content-location
      content-range
      content-type
      cookie
      date
      etag
      expect
      expires
      from
      host
      if-match
      if-modified-since
      if-none-match
      if-range
      if-unmodified-since
      last-modified
      link
      location
      max-forwards
      proxy-authenticate
      proxy-authorization
      range
      referer
      refresh
      retry-after
      server
      set-cookie
      strict-transport-security
      transfer-encoding
      user-agent
      vary
      via
      www-authenticate
      """;

  private static final String[] NAMES;
  private static final String[] VALUES;
  private static final Map<String, Integer> FIRST = new HashMap<>();

  static {
    List<String> lines = FIXED.lines().toList();
    NAMES = new String[lines.size()];
    VALUES = new String[lines.size()];
    for (int i = 0; i < NAMES.length; i++) {
      String line = lines.get(i);
      int equals = line.indexOf('=');
      NAMES[i] = equals < 0 ? line : line.substring(0, equals);
      VALUES[i] = equals < 0 ? "" : line.substring(equals + 1);
      FIRST.putIfAbsent(NAMES[i], i + 1);
    }
  }

  /** What an entry takes beside its text. */
  static final int BESIDE = 32;

  /** The size that holds until somebody says otherwise, and the largest we take. */
  static final int DEFAULT_SIZE = 4096;

  private record Entry(String name, String value) {
    int size() {
      return name.length() + value.length() + BESIDE;
    }
  }

  /** The oldest first; at most 128. */
  private final List<Entry> entries = new ArrayList<>(0);

  private int size;
  private int most = DEFAULT_SIZE;

  /** The number of a fixed field with this name and value; 0 if there is none. */
  static int field(String name, String value) {
    for (int i = name(name); i > 0 && i <= NAMES.length && NAMES[i - 1].equals(name); i++) {
      if (VALUES[i - 1].equals(value) && !value.isEmpty()) {
        return i;
      }
    }
    return 0;
  }

  /** The number of a fixed field with this name; 0 if there is none. */
  static int name(String name) {
    return FIRST.getOrDefault(name, 0);
  }

  String nameOf(int index) throws Http2Exception {
    return isFixed(index) ? NAMES[index - 1] : entry(index).name();
  }

  String valueOf(int index) throws Http2Exception {
    return isFixed(index) ? VALUES[index - 1] : entry(index).value();
  }

  private static boolean isFixed(int index) {
    return index >= 1 && index <= NAMES.length;
  }

  private Entry entry(int index) throws Http2Exception {
    int age = index - NAMES.length - 1;
    if (age < 0 || age >= entries.size()) {
      throw Http2Exception.broken(
          ErrorCode.COMPRESSION_ERROR, "hpack: invalid indexed representation index " + index);
    }
    return entries.get(entries.size() - 1 - age);
  }

  /** Puts a field in; one that is too large empties the table. */
  void add(String name, String value) {
    Entry entry = new Entry(name, value);
    shrink(most - entry.size());
    if (entry.size() <= most) {
      entries.add(entry);
      size += entry.size();
    }
  }

  /** Forgets the oldest until there are no more than so many bytes. */
  private void shrink(int to) {
    while (!entries.isEmpty() && size > to) {
      size -= entries.removeFirst().size();
    }
  }

  /** Sets how many bytes there may be. */
  void resize(int bytes) {
    most = bytes;
    shrink(bytes);
  }

  /** The bytes that are taken. */
  int size() {
    return size;
  }
}
