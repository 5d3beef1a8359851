package io.narthex.scrape.append;

import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.scrape.cache.MetadataCache;
import io.narthex.scrape.cache.SeriesCache;
import org.jspecify.annotations.Nullable;

/**
 * All that is remembered of one target's pages. Not thread-safe, but for the metadata's readers.
 */
public final class PageCache {

  final SeriesCache series = new SeriesCache();
  final MetadataCache metadata = new MetadataCache();
  @Nullable ExpositionFormat format;

  /** Whether the storage may not have heard what the comments say, as a page was not stored. */
  boolean undescribed;

  /**
   * Forgets what the lines mean, because the rules have changed. The series of the last page are
   * still ended if the next one does not have them.
   */
  public void invalidate() {
    series.invalidate();
    metadata.invalidate();
  }

  /** What the target says of its metrics. */
  public MetadataCache metadata() {
    return metadata;
  }

  /** Bytes on the heap that the series take. */
  public long bytes() {
    return series.bytes();
  }
}
