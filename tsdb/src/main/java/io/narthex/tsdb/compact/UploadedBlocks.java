package io.narthex.tsdb.compact;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.tsdb.block.BlockMeta;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The file in which a Thanos shipper notes what it has uploaded ({@code thanos.shipper.json}). A
 * block of level 1 that is not in it yet is held back from compaction, since a shipper takes such
 * blocks only. Where the file cannot be read nothing is held back, as in Prometheus: else a shipper
 * that is gone would stop compaction for good.
 *
 * <pre>
 * {"version": 1, "uploaded": ["01J...", "01K..."]}
 * </pre>
 *
 * Belongs to one thread.
 */
public final class UploadedBlocks {

  private static final Logger LOG = LoggerFactory.getLogger(UploadedBlocks.class);
  private static final long LIFETIME_NANOS = 60_000_000_000L;
  private static final JsonFactory JSON = new JsonFactory();

  private final Disk disk;
  private final Clock clock;
  private final Path file;
  private @Nullable Set<String> uploaded;
  private long readAt;

  public UploadedBlocks(Disk disk, Clock clock, Path file) {
    this.disk = disk;
    this.clock = clock;
    this.file = file;
  }

  /** Whether a block has to wait for its upload; what the file says is believed for a minute. */
  public boolean holds(BlockMeta meta) {
    if (meta.compaction().level() > 1) {
      return false;
    }
    Set<String> known = uploaded();
    return known != null && !known.contains(meta.ulid().toString());
  }

  private @Nullable Set<String> uploaded() {
    Set<String> known = uploaded;
    if (known != null && clock.nanos() - readAt < LIFETIME_NANOS) {
      return known;
    }
    uploaded = null;
    try {
      uploaded = parse(disk.readAll(file));
      readAt = clock.nanos();
    } catch (DiskException e) {
      LOG.warn("cannot open the file of uploaded blocks: {}", e.getMessage());
    } catch (JacksonException e) {
      LOG.warn("cannot parse the file of uploaded blocks {}: {}", file, e.getOriginalMessage());
    }
    return uploaded;
  }

  private static Set<String> parse(byte[] json) {
    Set<String> found = new HashSet<>();
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean list = in.currentName().equals("uploaded");
        JsonToken value = in.nextToken();
        if (list && value == JsonToken.START_ARRAY) {
          while (in.nextToken() == JsonToken.VALUE_STRING) {
            found.add(in.getString());
          }
        } else {
          in.skipChildren();
        }
      }
    }
    return found;
  }
}
