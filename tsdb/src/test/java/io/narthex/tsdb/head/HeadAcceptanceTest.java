package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.storage.Appendable;
import io.narthex.storage.Queryable;
import io.narthex.testkit.StorageAcceptance;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

class HeadAcceptanceTest extends StorageAcceptance {

  @TempDir @Nullable Path directory;
  private @Nullable HeadChunks files;
  private @Nullable Head head;

  private Head head() {
    Head h = head;
    if (h == null) {
      throw new IllegalStateException("not open");
    }
    return h;
  }

  @Override
  protected void open() {
    Path path = directory;
    if (path == null) {
      throw new IllegalStateException("no directory");
    }
    files = HeadChunks.open(Disk.SYSTEM, path, (a, b, c, d, e, f, g) -> {});
    HeadOptions options = new HeadOptions(HeadOptions.DEFAULT.chunkRangeMillis(), 120, 0, true);
    head = new Head(options, CommitLog.NONE, files);
  }

  @Override
  protected Appendable writer() {
    return head();
  }

  @Override
  protected Queryable reader() {
    return head();
  }

  @Override
  protected void disturb() {
    head().storeChunks();
  }

  @Override
  protected void close() {
    assertThat(head().closeNow()).isTrue();
    if (files != null) {
      files.close();
    }
  }
}
