package io.narthex.tsdb.wal;

/** The first byte of a record, as Prometheus numbers them. */
public final class RecordType {

  public static final int SERIES = 1;
  public static final int SAMPLES = 2;
  public static final int TOMBSTONES = 3;
  public static final int EXEMPLARS = 4;
  public static final int MMAP_MARKERS = 5;
  public static final int METADATA = 6;
  public static final int HISTOGRAM_SAMPLES = 7;
  public static final int FLOAT_HISTOGRAM_SAMPLES = 8;
  public static final int CUSTOM_BUCKETS_HISTOGRAM_SAMPLES = 9;
  public static final int CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES = 10;
  public static final int SAMPLES_V2 = 11;
  public static final int HISTOGRAM_SAMPLES_V2 = 12;
  public static final int FLOAT_HISTOGRAM_SAMPLES_V2 = 13;

  /** In checkpoints only: samples before this time may be of series that the log knows no more. */
  public static final int MIN_VALID_TIME = 14;

  /** One more than the greatest type that has a name. */
  static final int COUNT = 15;

  private RecordType() {}

  /** Whether there is a name for a type. */
  static boolean isKnown(int type) {
    return type >= SERIES && type < COUNT;
  }

  /** Whether records of a type are of native histograms. */
  public static boolean isHistogram(int type) {
    return (type >= HISTOGRAM_SAMPLES && type <= CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES)
        || type == HISTOGRAM_SAMPLES_V2
        || type == FLOAT_HISTOGRAM_SAMPLES_V2;
  }

  /** Whether records of a type are of native histograms whose counts are floats. */
  public static boolean isFloatHistogram(int type) {
    return type == FLOAT_HISTOGRAM_SAMPLES
        || type == CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES
        || type == FLOAT_HISTOGRAM_SAMPLES_V2;
  }

  /** Whether samples in records of a type have start timestamps. */
  public static boolean hasStarts(int type) {
    return type >= SAMPLES_V2 && type <= FLOAT_HISTOGRAM_SAMPLES_V2;
  }

  /** Prometheus' name of a type, {@code unknown} for those that have none. */
  public static String name(int type) {
    return switch (type) {
      case SERIES -> "series";
      case SAMPLES -> "samples";
      case TOMBSTONES -> "tombstones";
      case EXEMPLARS -> "exemplars";
      case MMAP_MARKERS -> "mmapmarkers";
      case METADATA -> "metadata";
      case HISTOGRAM_SAMPLES -> "histogram_samples";
      case FLOAT_HISTOGRAM_SAMPLES -> "float_histogram_samples";
      case CUSTOM_BUCKETS_HISTOGRAM_SAMPLES -> "custom_buckets_histogram_samples";
      case CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES -> "custom_buckets_float_histogram_samples";
      case SAMPLES_V2 -> "samples_v2";
      case HISTOGRAM_SAMPLES_V2 -> "histogram_samples_v2";
      case FLOAT_HISTOGRAM_SAMPLES_V2 -> "float_histogram_samples_v2";
      case MIN_VALID_TIME -> "min_valid_time";
      default -> "unknown";
    };
  }
}
