package io.narthex.net.dns;

/**
 * A record of an answer. Names are written as in zone files: with a dot at the end, and a backslash
 * before what is special.
 */
public sealed interface DnsRecord {

  /** A or AAAA: an address; of version 6 in the short form of RFC 5952. */
  record Address(String text) implements DnsRecord {}

  /** SRV: where a service is. */
  record Service(String target, int port) implements DnsRecord {}

  /** MX: who takes mail. */
  record Mail(String host) implements DnsRecord {}

  /** NS: who answers for the zone. */
  record NameServer(String host) implements DnsRecord {}

  /** CNAME: the records behind it belong to another name. */
  record Alias(String name) implements DnsRecord {}

  /** One of a type that nobody asks for here. */
  record Other(int type) implements DnsRecord {}
}
