package io.narthex.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages byte by byte, as RFC 1035 §4 and RFC 6891 §6.1 draw them. */
final class DnsMessageTest {

  private static final DnsQuery QUERY = new DnsQuery(0x1234, "_h._tcp.a.", RecordType.SRV, false);
  private static final String QUESTION = "025f68 045f746370 0161 00 0021 0001 ";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static DnsReply read(String text) throws IOException {
    byte[] message = hex(text);
    assertThat(DnsReply.isFor(QUERY, message, message.length)).isTrue();
    return DnsReply.read(message, message.length);
  }

  @Test
  void question() throws IOException {
    assertThat(QUERY.message()).isEqualTo(hex("1234 0100 0001 0000 0000 0000 " + QUESTION));
  }

  @Test
  void questionWithRoomForLongAnswers() throws IOException {
    DnsQuery query = new DnsQuery(1, "a.b", RecordType.AAAA, true);
    assertThat(query.message())
        .isEqualTo(
            hex(
                "0001 0100 0001 0000 0000 0001 0161 0162 00 001c 0001"
                    + " 00 0029 1000 00000000 0000"));
  }

  @Test
  void namesWithEscapes() throws IOException {
    DnsQuery query = new DnsQuery(1, "a\\.b\\046\\\\.c.", RecordType.A, false);
    assertThat(query.message())
        .isEqualTo(hex("0001 0100 0001 0000 0000 0000 05 612e622e5c 01 63 00 0001 0001"));
    assertThat(new DnsQuery(1, ".", RecordType.NS, false).message())
        .isEqualTo(hex("0001 0100 0001 0000 0000 0000 00 0002 0001"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a..b   | a part of it is empty
          .a     | a part of it is empty
          a\\     | it ends with a backslash
          a\\1xx  | a backslash needs three digits behind it
          """)
  void namesThatAreNone(String name, String why) {
    assertThatThrownBy(() -> new DnsQuery(1, name, RecordType.A, false).message())
        .hasMessage("\"" + name + "\" is not a valid domain name: " + why);
  }

  @Test
  void namesThatAreTooLong() {
    String label = "x".repeat(63);
    DnsQuery longLabel = new DnsQuery(1, label + "x.a.", RecordType.A, false);
    assertThatThrownBy(longLabel::message).hasMessageContaining("more than 63 bytes");
    DnsQuery longName = new DnsQuery(1, (label + ".").repeat(4), RecordType.A, false);
    assertThatThrownBy(longName::message).hasMessageContaining("more than 255 bytes");
  }

  @Test
  void recordsWithPointers() throws IOException {
    DnsReply reply =
        read(
            "1234 8180 0001 0004 0000 0000 "
                + QUESTION
                + "c00c 0021 0001 0000003c 000a 0001 0002 2383 0178 c014"
                + "c00c 000f 0001 0000003c 0004 000a c014"
                + "c00c 0005 0001 0000003c 0002 c014"
                + "c00c 0010 0001 0000003c 0002 0161");
    assertThat(reply.code()).isZero();
    assertThat(reply.truncated()).isFalse();
    assertThat(reply.answers())
        .containsExactly(
            new DnsRecord.Service("x.a.", 9091),
            new DnsRecord.Mail("a."),
            new DnsRecord.Alias("a."),
            new DnsRecord.Other(16));
  }

  @Test
  void namesThatNeedEscapes() throws IOException {
    assertThat(
            read("1234 8180 0001 0001 0000 0000 "
                    + QUESTION
                    + "c00c 0002 0001 0000003c 0006 04 2e20c3 41 00")
                .answers())
        .containsExactly(new DnsRecord.NameServer("\\.\\ \\195A."));
  }

  @Test
  void refusals() throws IOException {
    DnsReply refused = read("1234 8185 0000 0000 0000 0000");
    assertThat(refused.code()).isEqualTo(5);
    assertThat(refused.codeText()).isEqualTo("REFUSED");
    assertThat(read("1234 8183 0001 0000 0000 0000 " + QUESTION).code()).isEqualTo(3);
  }

  @Test
  void theUpperPartOfTheCode() throws IOException {
    DnsReply reply =
        read("1234 8180 0001 0000 0000 0001 " + QUESTION + "00 0029 1000 01000000 0000");
    assertThat(reply.code()).isEqualTo(16);
    assertThat(reply.codeText()).isEqualTo("RCODE16");
  }

  @Test
  void whatWasCutShortIsNotRead() throws IOException {
    DnsReply reply = read("1234 8380 0001 0005 0000 0000 " + QUESTION);
    assertThat(reply.truncated()).isTrue();
    assertThat(reply.answers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1235 8180 0001 0000 0000 0000 025f68 045f746370 0161 00 0021 0001",
    "1234 0100 0001 0000 0000 0000 025f68 045f746370 0161 00 0021 0001",
    "1234 8180 0001 0000 0000 0000 025f68 045f746370 0162 00 0021 0001",
    "1234 8180 0001 0000 0000 0000 025f68 045f746370 0161 00 0001 0001",
    "1234 81",
  })
  void answersToOtherQuestions(String text) {
    byte[] message = hex(text);
    assertThat(DnsReply.isFor(QUERY, message, message.length)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          c00c 0021 0001 0000003c 0008 0001 0002 2383    | it ends early
          c00c 0021 0001 0000003c 0020 0001 0002 2383 00 | it ends early
          c00c 0001 0001 0000003c 0003 0a000001          | a record is longer than it says
          c00c 0002 0001 0000003c 0002 c027              | a name without end
          c00c 0002 0001 0000003c 0002 8027              | a label of an unknown kind
          """)
  void malformedRecords(String record, String why) {
    assertThatThrownBy(() -> read("1234 8180 0001 0001 0000 0000 " + QUESTION + record))
        .isInstanceOf(IOException.class)
        .hasMessage("malformed DNS message: " + why);
  }

  /** Whatever comes, it is read or refused. */
  @Property(tries = 2_000)
  void anythingIsReadOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] message =
        hex(
            "1234 8180 0001 0002 0000 0001 "
                + QUESTION
                + "c00c 0021 0001 0000003c 000a 0001 0002 2383 0178 c014"
                + "c00c 000f 0001 0000003c 0004 000a c014"
                + "00 0029 1000 01000000 0000");
    for (int i = random.nextInt(6); i >= 0; i--) {
      message[random.nextInt(message.length)] = (byte) random.nextInt();
    }
    byte[] part = Arrays.copyOf(message, random.nextInt(message.length + 1));
    try {
      assertThat(DnsReply.read(part, part.length)).isNotNull();
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith("malformed DNS message");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8::1,2001:db8::1",
    "::,::",
    "::1,::1",
    "1::,1::",
    "2001:db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1,2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1,2001:db8::1:0:0:1",
    "fe80::200:0:0:abcd,fe80::200:0:0:abcd",
  })
  void addressesOfVersion6(String address, String expected) throws Exception {
    byte[] bytes = InetAddress.getByName(address).getAddress();
    assertThat(AddressText.v6(bytes, 0)).isEqualTo(expected);
  }

  @Test
  void mappedAddresses() {
    assertThat(AddressText.v6(hex("00000000000000000000ffff 0a000001"), 0)).isEqualTo("10.0.0.1");
    assertThat(AddressText.v4(new byte[] {(byte) 255, 0, 1, (byte) 128}, 0))
        .isEqualTo("255.0.1.128");
  }
}
