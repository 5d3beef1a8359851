package io.narthex.base.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

final class FileNumberTest {

  @Test
  void isAsFormattersPrintIt() {
    for (long number : new long[] {0, 7, 99_999_999, 100_000_000, 1L << 40, Long.MAX_VALUE}) {
      assertThat(FileNumber.text(number, 8)).isEqualTo(String.format(Locale.ROOT, "%08d", number));
    }
  }
}
