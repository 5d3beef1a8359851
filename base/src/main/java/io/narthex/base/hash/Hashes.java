package io.narthex.base.hash;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/** Hashes of byte ranges. */
public final class Hashes {

  private static final Hasher64 XX_HASH_64 = Hashing.xxh64();
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hashes() {}

  /** xxHash64 with seed 0, as Prometheus hashes label sets. */
  public static long xxHash64(byte[] bytes, int from, int length) {
    return XX_HASH_64.hashBytesToLong(bytes, from, length);
  }

  /** 64-bit FNV-1a. */
  public static long fnv1a64(byte[] bytes, int from, int length) {
    return fnv1a64(FNV_OFFSET, bytes, from, length);
  }

  /** Goes on with a 64-bit FNV-1a hash over further bytes. */
  public static long fnv1a64(long hash, byte[] bytes, int from, int length) {
    for (int i = from; i < from + length; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
