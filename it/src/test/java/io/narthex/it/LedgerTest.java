package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The comparison of the crash harness must be able to fail. */
final class LedgerTest {

  private final Ledger ledger = new Ledger(0b111);

  private ThrowingCallable comparing(Map<Long, Integer> found) {
    return () -> ledger.compare("now", found, 0);
  }

  @Test
  void whatIsAcknowledgedMustBeThere() {
    ledger.wrote(1, true);
    assertThatCode(comparing(Map.of(1L, 0b111))).doesNotThrowAnyException();
    assertThatThrownBy(comparing(Map.of(1L, 0b101))).hasMessageContaining("lost");
    assertThatThrownBy(comparing(Map.of())).hasMessageContaining("lost");
  }

  @Test
  void whatHasNoAnswerIsThereAsAWholeOrNot() {
    ledger.wrote(1, false);
    ledger.wrote(2, false);
    ledger.wrote(3, false);
    assertThatThrownBy(comparing(Map.of(1L, 0b111, 3L, 0b1))).hasMessageContaining("a part");
  }

  @Test
  void whatWasFoundOnceIsOwedAndWhatWasNotNeverComes() {
    ledger.wrote(1, false);
    ledger.wrote(2, false);
    assertThatCode(comparing(Map.of(1L, 0b111))).doesNotThrowAnyException();
    assertThatThrownBy(comparing(Map.of())).hasMessageContaining("lost");
    assertThatThrownBy(comparing(Map.of(1L, 0b111, 2L, 0b111))).hasMessageContaining("nobody sent");
  }

  @Test
  void whatNobodySentMustNotBeThere() {
    assertThatThrownBy(comparing(Map.of(9L, 0b1))).hasMessageContaining("nobody sent");
  }

  @Test
  void whatIsDeletedMustNotComeBack() {
    ledger.wrote(1, true);
    ledger.deleted(0b10, 0, 5, true);
    assertThatCode(comparing(Map.of(1L, 0b101))).doesNotThrowAnyException();
    assertThatThrownBy(comparing(Map.of(1L, 0b111))).hasMessageContaining("back");
  }

  @Test
  void aDeletionWithoutAnAnswerIsSettledByWhatIsFound() {
    ledger.wrote(1, true);
    ledger.deleted(0b110, 0, 5, false);
    assertThatCode(comparing(Map.of(1L, 0b011))).doesNotThrowAnyException();
    assertThatThrownBy(comparing(Map.of(1L, 0b111))).hasMessageContaining("back");
    assertThatThrownBy(comparing(Map.of(1L, 0b001))).hasMessageContaining("lost");
  }

  @Test
  void kindsOfSamplesAreThereEachOnItsOwn() {
    Ledger two = new Ledger(0b011, 0b100);
    two.wrote(1, false);
    two.wroteLate(2, false);
    assertThatCode(() -> two.compare("now", Map.of(1L, 0b011, 2L, 0b100), 0))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> two.compare("now", Map.of(1L, 0b111, 2L, 0b100), 0))
        .hasMessageContaining("nobody sent");
    assertThatThrownBy(() -> two.compare("now", Map.of(1L, 0b011), 0)).hasMessageContaining("lost");
    two.wroteLate(3, false);
    assertThatThrownBy(() -> two.compare("now", Map.of(1L, 0b011, 2L, 0b100, 3L, 0b001), 0))
        .hasMessageContaining("a part");
  }

  @Test
  void ofLateSamplesThePeerMayKnowLess() {
    ledger.wrote(1, true);
    ledger.wroteLate(2, true);
    ledger.deleted(0b10, 2, 2, true);
    ledger.wroteLate(3, true);
    Map<Long, Integer> all = Map.of(1L, 0b111, 2L, 0b111, 3L, 0b111);
    assertThatCode(() -> ledger.compareByPeer("now", all, 0, true)).doesNotThrowAnyException();
    Map<Long, Integer> inOrder = Map.of(1L, 0b111);
    assertThatCode(() -> ledger.compareByPeer("now", inOrder, 0, false)).doesNotThrowAnyException();
    assertThatThrownBy(() -> ledger.compareByPeer("now", inOrder, 0, true))
        .hasMessageContaining("lost");
    assertThatThrownBy(() -> ledger.compareByPeer("now", Map.of(2L, 0b101), 0, false))
        .hasMessageContaining("lost");
    assertThatThrownBy(() -> ledger.compareByPeer("now", Map.of(1L, 0b111, 9L, 0b1), 0, false))
        .hasMessageContaining("invented");
    ledger.deleted(0b10, 1, 1, true);
    assertThatThrownBy(() -> ledger.compareByPeer("now", inOrder, 0, false))
        .hasMessageContaining("back");
  }

  @Test
  void whatIsTooOldIsForgotten() {
    ledger.wrote(1, true);
    ledger.wrote(2, true);
    assertThatCode(() -> ledger.compare("now", Map.of(2L, 0b111), 1)).doesNotThrowAnyException();
  }
}
