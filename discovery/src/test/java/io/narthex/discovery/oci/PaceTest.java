package io.narthex.discovery.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.FakeClock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How fast Oracle is asked, and where. */
final class PaceTest {

  private final FakeClock clock = new FakeClock(0);

  @Test
  void notTooFast() throws Exception {
    Pace pace = new Pace(clock);
    for (int i = 0; i < 50; i++) {
      pace.await();
    }
    Thread next =
        Thread.ofVirtual()
            .start(() -> {
              try {
                pace.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(next.join(Duration.ofMillis(100))).as("it waits").isFalse();
    clock.advance(Duration.ofMillis(100));
    assertThat(next.join(Duration.ofSeconds(10))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "eu-frankfurt-1, oraclecloud.com",
    "US-GOV-PHOENIX-1, oraclegovcloud.com",
    "eu-madrid-2, oraclecloud.eu",
    "xx-new-1, oraclecloud.com"
  })
  void domains(String region, String domain) {
    assertThat(Realms.domain(region, Map.of())).isEqualTo(domain);
    assertThat(Realms.domain("xx-new-1", Map.of("OCI_DEFAULT_REALM", "example.com")))
        .isEqualTo("example.com");
  }
}
