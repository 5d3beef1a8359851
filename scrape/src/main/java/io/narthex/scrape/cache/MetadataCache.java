package io.narthex.scrape.cache;

import com.github.benmanes.caffeine.cache.Interner;
import io.narthex.base.hash.KeyedHash;
import io.narthex.model.exposition.MetricType;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a target's comments say of its metrics. A comment that is known is recognised by its hash
 * and its place, like a series, and not parsed again. A family that is no longer mentioned is
 * forgotten after ten more pages.
 *
 * <p>The loop that scrapes the target writes; {@link #families}, {@link #size} and {@link #family}
 * may be called by any thread. Equal metadata of different targets is one object, and so is the
 * name of a family: a server has thousands of targets of one kind, and each has hundreds of
 * families.
 */
public final class MetadataCache {

  /** How many good pages a family outlives its last mention. */
  private static final int KEPT_PAGES = 10;

  private static final Interner<MetricMetadata> SHARED = Interner.newWeakInterner();
  private static final Interner<String> NAMES = Interner.newWeakInterner();

  /** What a comment says. */
  public enum Kind {
    TYPE,
    HELP,
    UNIT
  }

  private static final class Family {
    // The line that said each kind last: another known line of the same kind is a change.
    final int[] lines = {-1, -1, -1};
    // The page that mentioned it last, and a bit for each kind that it said.
    int page;
    private int told;
    private volatile MetricMetadata said;
    // Its type and unit, its type, its unit, and its name alone; once asked for.
    private @Nullable MetricMetadata @Nullable [] parts;

    Family(String name) {
      said = new MetricMetadata(name, MetricType.UNKNOWN, "", "");
    }

    /**
     * Notes that a page says a kind of comment.
     *
     * @return whether the page has not said any before
     */
    boolean mention(int onPage, int kind) {
      boolean first = page != onPage;
      page = onPage;
      told = (first ? 0 : told) | 1 << kind;
      return first;
    }

    boolean isTold(int onPage, Kind kind) {
      return page == onPage && (told & 1 << kind.ordinal()) != 0;
    }

    void said(MetricMetadata changed) {
      said = changed;
      parts = null;
    }

    MetricMetadata part(boolean type, boolean unit) {
      @Nullable MetricMetadata[] all = parts;
      if (all == null) {
        all = new MetricMetadata[4];
        parts = all;
      }
      int which = (type ? 0 : 2) + (unit ? 0 : 1);
      MetricMetadata part = all[which];
      if (part == null) {
        part =
            SHARED.intern(
                new MetricMetadata(
                    said.family(),
                    type ? said.type() : MetricType.UNKNOWN,
                    "",
                    unit ? said.unit() : ""));
        all[which] = part;
      }
      return part;
    }
  }

  private final LineIndex index = new LineIndex();
  private @Nullable Family[] byLine = new Family[0];
  private byte[] kinds = new byte[0];
  private final ConcurrentHashMap<String, Family> families = new ConcurrentHashMap<>();
  private int page;
  private int mentioned;
  // The family of the last comment, and whether a comment of this page changed it.
  private @Nullable Family current;
  private boolean currentChanged;

  /** Starts a page. */
  public void begin() {
    current = null;
    currentChanged = false;
    index.rewind();
    page++;
    mentioned = 0;
  }

  /** The length of the comment that is expected here, or 0. */
  public int expectedLength() {
    int line = index.expected();
    return line < 0 ? 0 : index.length(line);
  }

  /** Whether the expected comment has this hash. */
  public boolean isExpected(KeyedHash hash) {
    return index.is(index.expected(), hash.high(), hash.low());
  }

  /**
   * Looks a comment up.
   *
   * @return whether it is known and still the last word of its kind on its family
   */
  public boolean find(KeyedHash hash) {
    int line = index.find(hash.high(), hash.low());
    if (line < 0) {
      return false;
    }
    Family family = byLine[line];
    if (family == null || family.lines[kinds[line] & 3] != line) {
      return false;
    }
    mention(family, kinds[line] & 3);
    found = kinds[line];
    return true;
  }

  private byte found;

  /** Whether the comment that was found is a TYPE. */
  public boolean foundType() {
    return (found & 3) == Kind.TYPE.ordinal();
  }

  /** The type that the TYPE comment gives that was found. */
  public MetricType type() {
    return TYPES[found >> 2];
  }

  private static final MetricType[] TYPES = MetricType.values();

  /** Takes in a comment that was not found. */
  public void put(KeyedHash hash, Kind kind, String name, MetricType type, String text) {
    int line = index.find(hash.high(), hash.low());
    if (line < 0) {
      line = index.add(hash.high(), hash.low(), hash.length());
      if (line >= byLine.length) {
        int length = Math.max(16, line + line / 3);
        byLine = Arrays.copyOf(byLine, length);
        kinds = Arrays.copyOf(kinds, length);
      }
    }
    Family known = families.get(name);
    Family family = known == null ? new Family(NAMES.intern(name)) : known;
    byLine[line] = family;
    kinds[line] = (byte) (kind.ordinal() | (kind == Kind.TYPE ? type.ordinal() << 2 : 0));
    family.lines[kind.ordinal()] = line;
    mention(family, kind.ordinal());
    MetricMetadata old = family.said;
    String shared = old.family();
    MetricMetadata changed =
        switch (kind) {
          case TYPE -> new MetricMetadata(shared, type, old.help(), old.unit());
          case HELP -> new MetricMetadata(shared, old.type(), text, old.unit());
          case UNIT -> new MetricMetadata(shared, old.type(), old.help(), text);
        };
    currentChanged |= !changed.equals(old);
    family.said(SHARED.intern(changed));
    if (known == null) {
      families.put(shared, family);
    }
  }

  /** What is known of the family that the last comment of the page was about, or null. */
  public @Nullable MetricMetadata current() {
    Family family = current;
    return family == null ? null : family.said;
  }

  /**
   * Type and unit of that family as this page has told them so far. What a line means must not
   * depend on comments behind it, or of the page before.
   */
  public @Nullable MetricMetadata currentOfPage() {
    Family family = current;
    return family == null
        ? null
        : family.part(family.isTold(page, Kind.TYPE), family.isTold(page, Kind.UNIT));
  }

  /** Whether the comments before the current line say anything new of that family. */
  public boolean currentChanged() {
    return currentChanged;
  }

  private void mention(Family family, int kind) {
    if (family != current) {
      current = family;
      currentChanged = false;
    }
    if (family.mention(page, kind)) {
      mentioned++;
    }
  }

  /** Ends a page that was read whole. */
  public void commit() {
    if (mentioned == families.size()) {
      return;
    }
    families
        .values()
        .removeIf(family -> {
          boolean forgotten = page - family.page > KEPT_PAGES;
          if (forgotten) {
            Arrays.fill(family.lines, -1);
          }
          return forgotten;
        });
    if (index.size() > 64 && index.size() > families.size() * 4) {
      sweep();
    }
  }

  /** Ends a page that was not read whole: it does not count for forgetting. */
  public void fail() {
    page--;
    for (Family family : families.values()) {
      family.page = Math.min(family.page, page);
    }
    if (index.size() > 1000 && index.size() > families.size() * 4) {
      sweep();
    }
  }

  private void sweep() {
    int[] renumbered =
        index.keep(line -> {
          Family family = byLine[line];
          return family != null && family.lines[kinds[line] & 3] == line;
        });
    @Nullable Family[] moved = new Family[index.size()];
    LineIndex.moved(byLine, renumbered, moved);
    byLine = moved;
    kinds = LineIndex.moved(kinds, renumbered, index.size());
    for (Family family : families.values()) {
      for (int kind = 0; kind < family.lines.length; kind++) {
        int line = family.lines[kind];
        family.lines[kind] = line < 0 ? -1 : renumbered[line];
      }
    }
  }

  /** Forgets which comments are known, but not what they said. */
  public void invalidate() {
    index.clear();
    byLine = new Family[0];
    kinds = new byte[0];
    for (Family family : families.values()) {
      Arrays.fill(family.lines, -1);
    }
  }

  /** What is known of each family, in no order. */
  public List<MetricMetadata> families() {
    return families.values().stream().map(family -> family.said).toList();
  }

  /** The number of families. */
  public int size() {
    return families.size();
  }

  /** What is known of a family, or null. */
  public @Nullable MetricMetadata family(String name) {
    Family family = families.get(name);
    return family == null ? null : family.said;
  }
}
