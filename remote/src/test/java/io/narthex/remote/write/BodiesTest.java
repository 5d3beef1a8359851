package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BodiesTest {

  private static InputStream zeros(long count) {
    return new InputStream() {
      private long left = count;

      @Override
      public int read() {
        return left-- > 0 ? 0 : -1;
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        if (left <= 0) {
          return -1;
        }
        int n = (int) Math.min(left, length);
        Arrays.fill(into, offset, offset + n, (byte) 0);
        left -= n;
        return n;
      }
    };
  }

  @Test
  void readsBodiesOfEverySizeWhateverIsAnnounced() throws IOException {
    Bodies bodies = new Bodies(64 << 20);
    Random random = new Random(5);
    for (int length : new int[] {0, 1, 65_535, 65_536, 65_537, 300_000, 3_000_000}) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      for (@Nullable String announced :
          new @Nullable String[] {null, "0", "7", "x", String.valueOf(length)}) {
        Bodies.Body body = bodies.read(new ByteArrayInputStream(content), announced);
        assertThat(Arrays.copyOf(body.bytes(), body.length())).isEqualTo(content);
        bodies.give(body);
        assertThat(bodies.used()).isZero();
      }
    }
  }

  @Test
  void refusesWhatIsTooLongByItsAnnouncementOrItsBytes() throws IOException {
    Bodies bodies = new Bodies(256 << 20);
    InputStream untouched =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("nobody should read");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };
    assertThat(
            catchThrowableOfType(
                    WriteException.class,
                    () -> bodies.read(untouched, String.valueOf(Bodies.MOST + 1)))
                .status())
        .isEqualTo(413);
    assertThat(
            catchThrowableOfType(
                    WriteException.class, () -> bodies.read(zeros(Bodies.MOST + 1L), null))
                .status())
        .isEqualTo(413);
    Bodies.Body longest = bodies.read(zeros(Bodies.MOST), null);
    assertThat(longest.length()).isEqualTo(Bodies.MOST);
    bodies.give(longest);
    assertThat(bodies.used()).isZero();
  }

  @Test
  void takesMemoryForWhatHasComeAndNotForWhatIsAnnounced() throws IOException {
    Bodies bodies = new Bodies(8 << 20);
    List<Bodies.Body> held = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      held.add(bodies.read(zeros(10), "33554432"));
    }
    assertThat(bodies.used()).isEqualTo(7 << 20);
    WriteException refused =
        catchThrowableOfType(WriteException.class, () -> bodies.read(zeros(2 << 20), null));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(bodies.used()).isEqualTo(7 << 20);
    held.forEach(bodies::give);
    assertThat(bodies.used()).isZero();
  }

  @Test
  void aBodyThatBreaksOffLeavesNothingBehind() {
    Bodies bodies = new Bodies(8 << 20);
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new EOFException("unexpected EOF");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(() -> bodies.read(broken, "10")).isInstanceOf(EOFException.class);
    assertThat(bodies.used()).isZero();
  }
}
