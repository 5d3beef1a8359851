package io.narthex.promql.engine.core;

import io.narthex.base.hash.Hashes;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StopSignal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers label sets in the order of their first appearance, by their packed bytes, without an
 * object per look-up. Whoever goes through all series of a query numbers them, so this is where
 * such loops find out that the query is called off. Not thread-safe.
 */
public final class LabelIndex {

  private int[] table = new int[64];
  private long[] hashes = new long[32];
  private final List<byte[]> keys = new ArrayList<>();
  private int turn;

  /** The number of a packed label set; the next free one if it is new. */
  public int number(byte[] packed, int length) {
    StopSignal.every(++turn);
    long hash = Hashes.xxHash64(packed, 0, length);
    int mask = table.length - 1;
    int slot = (int) hash & mask;
    while (table[slot] != 0) {
      int number = table[slot] - 1;
      byte[] key = keys.get(number);
      if (hashes[number] == hash
          && key.length == length
          && Arrays.equals(key, 0, length, packed, 0, length)) {
        return number;
      }
      slot = (slot + 1) & mask;
    }
    int number = keys.size();
    keys.add(Arrays.copyOf(packed, length));
    if (number == hashes.length) {
      hashes = Arrays.copyOf(hashes, number * 2);
    }
    hashes[number] = hash;
    table[slot] = number + 1;
    if (keys.size() * 2 > table.length) {
      grow();
    }
    return number;
  }

  /** The number of a label set; the next free one if it is new. */
  public int number(Labels labels) {
    return number(labels.packed(), labels.packed().length);
  }

  /** How many label sets there are. */
  public int size() {
    return keys.size();
  }

  /** The label set of a number. */
  public Labels labels(int number) {
    return Labels.ofPacked(keys.get(number));
  }

  private void grow() {
    int[] wider = new int[table.length * 2];
    int mask = wider.length - 1;
    for (int number = 0; number < keys.size(); number++) {
      int slot = (int) hashes[number] & mask;
      while (wider[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      wider[slot] = number + 1;
    }
    table = wider;
  }
}
