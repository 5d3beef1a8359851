package io.narthex.tsdb.snapshot;

import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.wal.RecordBuffer;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;

/**
 * Writes and reads the rows of an image. Rows of one target come one behind the other and have much
 * in common, so most numbers are told by how they differ from the row before in the record.
 */
public final class RowCoding {

  private long ref;
  private long minTime;
  private long nextCut;
  private long lastTime;
  private long step;

  /** For the first row of a record. */
  void begin() {
    ref = 0;
    minTime = 0;
    nextCut = 0;
    lastTime = 0;
    step = 0;
  }

  void write(RecordBuffer out, long rowRef, long chunkMinTime, long chunkNextCut, OpenChunk chunk) {
    out.varint(rowRef - ref);
    out.varint(chunkMinTime - minTime);
    out.varint(chunkNextCut - nextCut);
    out.varint(chunk.lastTime() - lastTime);
    out.varint(chunk.step() - step);
    remember(rowRef, chunkMinTime, chunkNextCut, chunk);
    out.uvarint(chunk.samples());
    out.u8(chunk.leading());
    out.u8(chunk.trailing());
    long value = chunk.lastValueBits();
    int valueBytes = Long.BYTES - Long.numberOfTrailingZeros(value) / 8;
    out.u8(valueBytes);
    upper(out, value, valueBytes);
    out.u8(chunk.wordBits());
    upper(out, chunk.word(), chunk.wordBits() + 7 >>> 3);
    out.uvarint(chunk.words());
    out.raw(chunk.bytes(), chunk.from(), chunk.words() * Long.BYTES);
  }

  /** The upper bytes of a number whose others are zero. */
  private static void upper(RecordBuffer out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.u8((int) (value >>> 56 - 8 * i));
    }
  }

  private void remember(long rowRef, long chunkMinTime, long chunkNextCut, OpenChunk chunk) {
    ref = rowRef;
    minTime = chunkMinTime;
    nextCut = chunkNextCut;
    lastTime = chunk.lastTime();
    step = chunk.step();
  }

  /**
   * Reads a record of rows.
   *
   * @param chunk is filled anew for each row; its words lie in the record
   */
  public void readAll(RecordBytes in, OpenChunk chunk, RowHandler handler)
      throws WalFormatException {
    begin();
    while (in.more()) {
      read(in, chunk, handler);
    }
  }

  /** Reads a row; the chunk's words lie in the record then. */
  void read(RecordBytes in, OpenChunk chunk, RowHandler handler) throws WalFormatException {
    long rowRef = ref + in.varint();
    long chunkMinTime = minTime + in.varint();
    long chunkNextCut = nextCut + in.varint();
    long time = lastTime + in.varint();
    long sinceBefore = step + in.varint();
    chunk.samples(upTo(Character.MAX_VALUE, in.uvarint()));
    chunk.window(in.u8(), in.u8());
    long value = in.upper(upTo(Long.BYTES, in.u8()));
    chunk.last(time, value, sinceBefore);
    int wordBits = upTo(Long.SIZE - 1, in.u8());
    chunk.word(in.upper(wordBits + 7 >>> 3), wordBits);
    int words = upTo(OpenChunk.MAX_WORDS, in.uvarint());
    chunk.words(words, in.bytes(), in.at());
    in.skip((long) words * Long.BYTES);
    remember(rowRef, chunkMinTime, chunkNextCut, chunk);
    handler.row(rowRef, chunkMinTime, chunkNextCut, chunk);
  }

  private static int upTo(int most, long number) throws WalFormatException {
    if (number < 0 || number > most) {
      throw new WalFormatException("an open chunk with " + number + " where " + most + " is most");
    }
    return (int) number;
  }
}
