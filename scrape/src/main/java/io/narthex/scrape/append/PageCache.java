package io.narthex.scrape.append;

import io.narthex.model.exposition.ExpositionFormat;
import io.narthex.scrape.cache.ClassicLines;
import io.narthex.scrape.cache.MetadataCache;
import io.narthex.scrape.cache.MetricMetadata;
import io.narthex.scrape.cache.SeriesCache;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is remembered of one target's pages. Not thread-safe, but for the metadata's readers.
 */
public final class PageCache {

  final SeriesCache series = new SeriesCache();
  final MetadataCache metadata = new MetadataCache();
  @Nullable ExpositionFormat format;

  /** The lines of classic histograms that become native ones. */
  final ClassicLines histograms = new ClassicLines();

  /** The lines that say when metrics were created. */
  final ClassicLines created = new ClassicLines();

  // Numbers for what comments say, where that becomes part of the series.
  private final Map<MetricMetadata, Integer> contexts = new HashMap<>();

  /** Whether the storage may not have heard what the comments say, as a page was not stored. */
  boolean undescribed;

  /**
   * Forgets what the lines mean, because the rules have changed. The series of the last page are
   * still ended if the next one does not have them.
   */
  public void invalidate() {
    series.invalidate();
    metadata.invalidate();
    histograms.clear();
    created.clear();
    contexts.clear();
  }

  /** A number for what the comments of a family say; it is given out once. */
  int context(MetricMetadata family) {
    Integer known = contexts.get(family);
    if (known == null) {
      known = contexts.size() + 1;
      contexts.put(family, known);
    }
    return known;
  }

  /** Whether so many numbers were given out that most of them cannot be in use. */
  boolean hasTooManyContexts() {
    return contexts.size() > 1000 + 4 * metadata.size();
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
