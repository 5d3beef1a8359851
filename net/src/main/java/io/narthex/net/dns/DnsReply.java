package io.narthex.net.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server answered (RFC 1035 §4.1; see {@link DnsQuery} for the beginning of a message).
 *
 * @param code 0 if all is well, 3 if there is no such name; else why there is no answer
 * @param truncated whether the rest is to be had over TCP
 */
record DnsReply(int code, boolean truncated, List<DnsRecord> answers) {

  static final int SUCCESS = 0;
  static final int SERVER_FAILURE = 2;
  static final int NO_SUCH_NAME = 3;

  private static final int HEADER = 12;
  private static final int IS_REPLY = 0x8000;
  private static final int IS_TRUNCATED = 0x0200;
  private static final int CNAME = 5;
  private static final int OPTIONS = 41;

  /** Names of the codes (IANA, DNS RCODEs), as upstream's messages show them. */
  private static final List<String> CODES =
      List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

  /** The code by its name. */
  String codeText() {
    return code < CODES.size() ? CODES.get(code) : "RCODE" + code;
  }

  /**
   * Whether the bytes answer the question; else they are somebody's mistake or an attempt to fool.
   */
  static boolean isFor(DnsQuery query, byte[] message, int length) {
    try {
      DnsReader in = new DnsReader(message, length);
      if (in.two() != query.id() || (in.two() & IS_REPLY) == 0) {
        return false;
      }
      int questions = in.two();
      in.at(HEADER);
      // A server that refuses may leave the question out.
      return questions == 0
          || (questions == 1 && sameName(in.name(), query) && in.two() == query.type().code);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean sameName(String name, DnsQuery query) throws IOException {
    byte[] asked = query.message();
    return name.equalsIgnoreCase(new DnsReader(asked, asked.length).at(HEADER).name());
  }

  /**
   * Reads a message.
   *
   * @throws IOException if it is none
   */
  static DnsReply read(byte[] message, int length) throws IOException {
    DnsReader in = new DnsReader(message, length);
    in.two();
    int flags = in.two();
    int questions = in.two();
    int answers = in.two();
    int others = in.two() + in.two();
    boolean truncated = (flags & IS_TRUNCATED) != 0;
    int code = flags & 0xf;
    for (int i = 0; i < questions; i++) {
      in.name();
      in.skip(4);
    }
    List<DnsRecord> records = new ArrayList<>();
    if (truncated) {
      // What was cut may have been cut anywhere, and is asked for again.
      return new DnsReply(code, true, List.of());
    }
    for (int i = 0; i < answers; i++) {
      records.add(record(in));
    }
    for (int i = 0; i < others; i++) {
      code |= extendedCode(in);
    }
    return new DnsReply(code, false, List.copyOf(records));
  }

  private static DnsRecord record(DnsReader in) throws IOException {
    in.name();
    int type = in.two();
    in.skip(6);
    int end = in.two() + in.at();
    DnsRecord record = data(in, type);
    if (in.at() > end) {
      throw new IOException("malformed DNS message: a record is longer than it says");
    }
    in.at(end);
    return record;
  }

  private static DnsRecord data(DnsReader in, int type) throws IOException {
    for (RecordType known : RecordType.values()) {
      if (known.code == type) {
        return switch (known) {
          case A -> new DnsRecord.Address(AddressText.v4(in.take(4), 0));
          case AAAA -> new DnsRecord.Address(AddressText.v6(in.take(16), 0));
          case NS -> new DnsRecord.NameServer(in.name());
          case MX -> new DnsRecord.Mail(in.skip(2).name());
          case SRV -> {
            int port = in.skip(4).two();
            yield new DnsRecord.Service(in.name(), port);
          }
        };
      }
    }
    return type == CNAME ? new DnsRecord.Alias(in.name()) : new DnsRecord.Other(type);
  }

  /** The upper bits of the code, if this record is that of EDNS (RFC 6891 §6.1.3). */
  private static int extendedCode(DnsReader in) throws IOException {
    in.name();
    int type = in.two();
    in.skip(2);
    int upper = in.two() >> 8;
    in.skip(2);
    in.skip(in.two());
    return type == OPTIONS ? upper << 4 : 0;
  }
}
