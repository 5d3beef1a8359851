package io.narthex.exporter.collector;

import io.narthex.base.regex.AnchoredRegex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The counters of the network protocols, from /proc/net/netstat, snmp and snmp6. */
record NetstatCollector(MachineFiles files, AnchoredRegex fields) implements Collector {

  static final String DEFAULT_FIELDS =
      "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)"
          + "|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
          + "|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)"
          + "|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";

  private static final List<String> SIX = List.of("Ip6", "Icmp6", "UdpLite6", "Udp6");

  @Override
  public String name() {
    return "netstat";
  }

  @Override
  public void collect(Page page) throws IOException {
    Path net = files.proc().resolve("net");
    paired(page, net.resolve("netstat"));
    paired(page, net.resolve("snmp"));
    Path six = net.resolve("snmp6");
    if (Files.exists(six)) {
      for (String line : MachineFiles.lines(six)) {
        String[] words = MachineFiles.words(line);
        for (String protocol : SIX) {
          if (words.length == 2 && words[0].startsWith(protocol)) {
            add(page, protocol, words[0].substring(protocol.length()), words[1]);
            break;
          }
        }
      }
    }
  }

  /** Two lines to a protocol: {@code Tcp: InSegs ...} and {@code Tcp: 17 ...}. */
  private void paired(Page page, Path file) throws IOException {
    List<String> lines = MachineFiles.lines(file);
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      String[] names = MachineFiles.words(lines.get(i));
      String[] values = MachineFiles.words(lines.get(i + 1));
      if (names.length != values.length || !names[0].equals(values[0])) {
        throw new IOException("mismatch field count mismatch in " + file + ": " + names[0]);
      }
      String protocol = names[0].substring(0, names[0].length() - 1);
      for (int k = 1; k < names.length; k++) {
        add(page, protocol, names[k], values[k]);
      }
    }
  }

  private void add(Page page, String protocol, String field, String value) {
    String key = protocol + "_" + field;
    if (fields.matches(key)) {
      page.untyped("node_netstat_" + key, "Statistic " + protocol + field + ".")
          .add(Double.parseDouble(value));
    }
  }
}
