package io.narthex.tsdb.block;

import io.narthex.model.labels.Labels;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.SeriesEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The chunks of a block as lines: first time, last time, encoding, bytes. */
public final class BlockChunks {

  private BlockChunks() {}

  /**
   * The lines of each series. The last histogram chunk's hint is left out unless it is that of a
   * gauge: Prometheus encodes an open chunk anew for a block, without the one before it.
   */
  public static Map<Labels, List<String>> lines(Block block) {
    return lines(block, false);
  }

  /** The same, with the last hint if so wished. */
  public static Map<Labels, List<String>> lines(Block block, boolean allHints) {
    Map<Labels, List<String>> all = new TreeMap<>();
    SeriesEntry entry = block.index().entry();
    ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();
    for (int ref : block.index().allSeries().toArray()) {
      ChunkMetas metas = new ChunkMetas();
      entry.read(ref).chunks(metas);
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < metas.size(); i++) {
        block.chunks().read(metas.ref(i), chunk);
        byte[] bytes = Arrays.copyOfRange(chunk.bytes(), 1, 1 + chunk.length());
        boolean histograms = chunk.encoding() == 2 || chunk.encoding() == 3;
        if (!allHints && histograms && i == metas.size() - 1 && (bytes[2] & 0xc0) != 0xc0) {
          bytes[2] = 0;
        }
        lines.add(
            metas.minTime(i)
                + " "
                + metas.maxTime(i)
                + " "
                + chunk.encoding()
                + " "
                + HexFormat.of().formatHex(bytes));
      }
      all.put(entry.labels(), lines);
    }
    return all;
  }
}
