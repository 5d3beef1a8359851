package io.narthex.base.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest {

  @Test
  void blocksAreLargeEnoughAlignedAndApart() {
    try (SlabAllocator allocator = new SlabAllocator(true)) {
      record Block(long address, int bytes) {}
      List<Block> blocks = new ArrayList<>();
      for (int bytes = 1; bytes <= 6000; bytes += 7) {
        assertThat(allocator.blockBytes(bytes)).isGreaterThanOrEqualTo(bytes);
        long address = allocator.allocate(bytes);
        assertThat(address % 8).isZero();
        OffHeap.fill(address, allocator.blockBytes(bytes), bytes & 0xff);
        blocks.add(new Block(address, bytes));
      }
      for (Block b : blocks) {
        for (int i = 0; i < b.bytes; i++) {
          assertThat(OffHeap.getByte(b.address + i)).isEqualTo((byte) b.bytes);
        }
        allocator.free(b.address, b.bytes);
      }
      assertThat(allocator.usedBytes()).isZero();
    }
  }

  @Test
  void everySizeHasTheSmallestClassThatHoldsIt() {
    try (SlabAllocator allocator = new SlabAllocator()) {
      for (int bytes = 2; bytes <= SlabAllocator.LARGEST_SMALL; bytes++) {
        int block = allocator.blockBytes(bytes);
        assertThat(block).isGreaterThanOrEqualTo(bytes);
        assertThat(allocator.blockBytes(block)).isEqualTo(block);
        assertThat(block - bytes).isLessThan(Math.max(8, bytes / 4 + 1));
      }
    }
  }

  @Test
  void cacheLinesAreAligned() {
    try (SlabAllocator allocator = new SlabAllocator()) {
      for (int i = 0; i < 1000; i++) {
        assertThat(allocator.allocate(64) % 64).isZero();
        assertThat(allocator.allocate(128) % 64).isZero();
      }
    }
  }

  @Test
  void freedBlocksAreUsedAgain() {
    try (SlabAllocator allocator = new SlabAllocator()) {
      long[] blocks = new long[100_000];
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < blocks.length; i++) {
          blocks[i] = allocator.allocate(40);
        }
        for (long block : blocks) {
          allocator.free(block, 40);
        }
      }
      assertThat(allocator.reservedBytes()).isLessThan(6L << 20);
    }
  }

  @Test
  void aCheckingAllocatorPoisonsAndRefusesDoubleFrees() {
    try (SlabAllocator allocator = new SlabAllocator(true)) {
      long block = allocator.allocate(64);
      allocator.free(block, 64);
      assertThat(OffHeap.getByte(block + 63)).isEqualTo((byte) SlabAllocator.POISON);
      assertThatThrownBy(() -> allocator.free(block, 64)).isInstanceOf(IllegalStateException.class);
      long other = allocator.allocate(64);
      assertThatThrownBy(() -> allocator.free(other, 8)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void largeBlocksGoBackToTheSystem() {
    try (SlabAllocator allocator = new SlabAllocator()) {
      long block = allocator.allocateLarge(10 << 20);
      assertThat(OffHeap.getLong(block + (10 << 20) - 8)).isZero();
      assertThat(allocator.reservedBytes()).isEqualTo(10 << 20);
      allocator.freeLarge(block);
      assertThat(allocator.reservedBytes()).isZero();
    }
  }

  @Test
  void wordsOfEveryWidthComeBack() {
    try (SlabAllocator allocator = new SlabAllocator()) {
      long a = allocator.allocate(64);
      OffHeap.putLongBigEndian(a + 1, 0x0102030405060708L);
      assertThat(OffHeap.getByte(a + 1)).isEqualTo((byte) 1);
      assertThat(OffHeap.getLongBigEndian(a + 1)).isEqualTo(0x0102030405060708L);
      OffHeap.putChar(a, 65535);
      assertThat(OffHeap.getChar(a)).isEqualTo(65535);
      OffHeap.putIntRelease(a + 4, -5);
      assertThat(OffHeap.getIntAcquire(a + 4)).isEqualTo(-5);
      byte[] text = "the quick brown fox".getBytes(java.nio.charset.StandardCharsets.UTF_8);
      OffHeap.copy(text, 4, a, 15);
      assertThat(OffHeap.equal(a, text, 4, 15)).isTrue();
      assertThat(OffHeap.equal(a, text, 3, 15)).isFalse();
      byte[] back = new byte[15];
      OffHeap.copy(a, back, 0, 15);
      assertThat(new String(back, java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("quick brown fox");
    }
  }
}
