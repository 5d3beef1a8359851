package io.narthex.net.dns;

/** What a name can be asked for, by its code (RFC 1035, RFC 3596, RFC 2782). */
public enum RecordType {
  A(1),
  NS(2),
  MX(15),
  AAAA(28),
  SRV(33);

  final int code;

  RecordType(int code) {
    this.code = code;
  }
}
