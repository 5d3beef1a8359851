package io.narthex.net.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HPACK: the examples of RFC 7541, appendix C, and what must hold for any fields. */
final class HeaderBlockTest {

  private static final int MOST = 64 * 1024;
  private static final String MONDAY = "date: Mon, 21 Oct 2013 20:13:2%d GMT";
  private static final String COOKIE =
      "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

  private final HeaderBlockDecoder decoder = new HeaderBlockDecoder(MOST);

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", "").replace("\n", ""));
  }

  private static List<String> decode(HeaderBlockDecoder decoder, byte[] block)
      throws Http2Exception {
    List<String> fields = new ArrayList<>();
    decoder.decode(block, block.length, (name, value) -> fields.add(name + ": " + value));
    return fields;
  }

  private List<String> decode(String hex) throws Http2Exception {
    return decode(decoder, hex(hex));
  }

  /** C.2. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400a637573746f6d2d6b65790d637573746f6d2d686561646572 | custom-key: custom-header | 55
          040c2f73616d706c652f70617468                         | :path: /sample/path       | 0
          100870617373776f726406736563726574                   | password: secret          | 0
          82                                                   | :method: GET              | 0
          """)
  void readsEachRepresentation(String hex, String field, int size) throws Exception {
    assertThat(decode(hex)).containsExactly(field);
    assertThat(decoder.table().size()).isEqualTo(size);
  }

  /** C.3 and C.4: three requests over one connection, without and with Huffman's code. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          828684410f7777772e6578616d706c652e636f6d | 828684be58086e6f2d6361636865 | 828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565
          828684418cf1e3c2e5f23a6ba0ab90f4ff       | 828684be5886a8eb10649cbf     | 828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf
          """)
  void readsTheRequestsOfTheDocument(String first, String second, String third) throws Exception {
    String host = ":authority: www.example.com";
    assertThat(decode(first)).containsExactly(":method: GET", ":scheme: http", ":path: /", host);
    assertThat(decode(second))
        .containsExactly(
            ":method: GET", ":scheme: http", ":path: /", host, "cache-control: no-cache");
    assertThat(decode(third))
        .containsExactly(
            ":method: GET",
            ":scheme: https",
            ":path: /index.html",
            host,
            "custom-key: custom-value");
    assertThat(decoder.table().size()).isEqualTo(164);
  }

  /** C.5 and C.6: three answers with a table of 256 bytes, which forgets. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d | 4803333037c1c0bf | 88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31
          488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3 | 4883640effc1c0bf | 88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007
          """)
  void readsTheAnswersOfTheDocument(String first, String second, String third) throws Exception {
    // The size comes with the first block.
    String size = "3fe101";
    String place = "location: https://www.example.com";
    assertThat(decode(size + first))
        .containsExactly(":status: 302", "cache-control: private", MONDAY.formatted(1), place);
    assertThat(decoder.table().size()).isEqualTo(222);
    assertThat(decode(second))
        .containsExactly(":status: 307", "cache-control: private", MONDAY.formatted(1), place);
    assertThat(decode(third))
        .containsExactly(
            ":status: 200",
            "cache-control: private",
            MONDAY.formatted(2),
            place,
            "content-encoding: gzip",
            COOKIE);
    assertThat(decoder.table().size()).isEqualTo(215);
  }

  /** All bytes, each by its code of appendix B. */
  @Test
  void knowsHuffmansCodeOfEachByte() throws Exception {
    byte[] coded =
        hex(
            """
            ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7f
            ffffabffffffdfffffebfffffecfffffedfffffeefffffefffffff0ffffff1ffffff2fffffffbfff
            ffcffffffd3fffffd7fffffdbfffffdffffffe3fffffe7fffffebfffffed4fe3f9ffaffcabf1febf
            afefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50ddbd7f061c58f265cd9f469d5af66ddd
            bf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426defe3cfaf7fffbfe7f
            fbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73ff
            feeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff1ffffe4fffee7f
            ffb1ffff97fffd9ffffcdffff9fffffbffffdafffeeffff4ffffb7fffee7fffe8ffffd3fffdeffff
            d5fffeeffffbdffffe1fffdfffff7fffff5ffffecffff07fff87fffe0ffff17fffedffff87ffff77
            fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff1fffff83ffffe1fffebfffe3ffff3fff
            ff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbffffff2fffff8fffffb7fff97fff8ffff
            fe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3fffffc9
            fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffddffffeffffff4f
            ffff5fffffabffffa7ffffd7fffff9bffffecfffffb7fffff3fffffe8fffffd3fffffabfffff5fff
            ffff7ffffecfffffdbfffffbbfffff7ffffff0fffffbbf
            """);
    byte[] plain = new byte[Huffman.most(coded.length)];
    assertThat(Huffman.decode(coded, 0, coded.length, plain)).isEqualTo(256);
    for (int i = 0; i < 256; i++) {
      assertThat(plain[i] & 0xff).isEqualTo(i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          80                 | hpack: invalid indexed representation index 0
          be                 | hpack: invalid indexed representation index 62
          7e0161             | hpack: invalid indexed representation index 62
          ff                 | hpack: truncated headers
          ffffffffffff00     | hpack: varint integer overflow
          40                 | hpack: truncated headers
          4001               | hpack: truncated headers
          400161             | hpack: truncated headers
          40016105           | hpack: truncated headers
          400161057878       | hpack: truncated headers
          3fe21f             | hpack: invalid dynamic table size update
          8220               | hpack: invalid dynamic table size update
          4001618200         | hpack: truncated headers
          40016181ff         | hpack: invalid Huffman-encoded data
          4001618100         | hpack: invalid Huffman-encoded data
          40016184ffffffff   | hpack: invalid Huffman-encoded data
          """)
  void refusesWhatIsNoBlock(String hex, String message) {
    assertThatThrownBy(() -> decode(hex))
        .isInstanceOf(Http2Exception.class)
        .hasMessage("connection error: COMPRESSION_ERROR; " + message);
  }

  @Test
  void countsWhatUnpacks() {
    // One entry of 4,000 bytes, and then its number, a byte each time.
    StringBuilder bomb = new StringBuilder("4001617fa11e").append("62".repeat(4000));
    bomb.append("be".repeat(100));
    assertThatThrownBy(() -> decode(bomb.toString()))
        .hasMessage("http2: response header list larger than advertised limit");
  }

  @Test
  void translatesAHead() throws Exception {
    String head =
        "POST /a?b=c HTTP/1.1\r\nUser-Agent: x\r\nHost: h:1\r\nConnection: close\r\n"
            + "Authorization: Bearer t\r\nAccept-Encoding: gzip, deflate\r\nX-Empty:\r\n\r\n";
    byte[] block = HeaderBlockEncoder.encode(head);
    assertThat(decode(decoder, block))
        .containsExactly(
            ":method: POST",
            ":scheme: https",
            ":path: /a?b=c",
            ":authority: h:1",
            "user-agent: x",
            "authorization: Bearer t",
            "accept-encoding: gzip, deflate",
            "x-empty: ");
    assertThat(decoder.table().size()).isZero();
    assertThat(HexFormat.of().formatHex(block))
        .as("what must stay secret says so, by its number 23")
        .contains(
            "1f08" + HexFormat.of().formatHex("\bBearer t".getBytes(StandardCharsets.US_ASCII)));
  }

  @Provide
  Arbitrary<List<String>> fields() {
    Arbitrary<String> name =
        Arbitraries.oneOf(
            Arbitraries.of("accept", "cookie", "authorization", ":path", "content-type"),
            Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(300));
    Arbitrary<String> value =
        Arbitraries.strings().withCharRange((char) 0, (char) 0xff).ofMaxLength(400);
    return Combinators.combine(name, value).as((n, v) -> n + ": " + v).list().ofMaxSize(20);
  }

  @Property(tries = 300)
  void whatIsWrittenIsRead(@ForAll("fields") List<String> fields) throws Exception {
    byte[] block = FrameBytes.block(fields.toArray(String[]::new));
    assertThat(decode(new HeaderBlockDecoder(MOST), block)).isEqualTo(fields);
  }

  @Property(tries = 2000)
  void anyBytesAreABlockOrNone(@ForAll byte[] first, @ForAll byte[] second) {
    HeaderBlockDecoder one = new HeaderBlockDecoder(MOST);
    try {
      decode(one, first);
      decode(one, second);
    } catch (Http2Exception e) {
      assertThat(e).hasMessageContaining("hpack: ");
    }
    assertThat(one.table().size()).isBetween(0, HeaderTable.DEFAULT_SIZE);
  }
}
