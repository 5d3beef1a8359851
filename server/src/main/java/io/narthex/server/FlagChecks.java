package io.narthex.server;

import io.narthex.base.flag.Flag;
import io.narthex.base.regex.CapturingRegex;
import io.narthex.base.regex.RegexException;
import io.narthex.remote.write.MessageType;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules that flags must keep beyond their form, with upstream's words and exit codes. */
final class FlagChecks {

  /** One line, and what the program ends with. */
  record Refusal(String line, int exitCode) {}

  private static final long MIN_SEGMENT = 10L << 20;
  private static final long MAX_SEGMENT = 256L << 20;

  private FlagChecks() {}

  /** The first rule that is broken, or null. */
  static @Nullable Refusal of(PrometheusFlags flags) {
    List<String> other = flags.givenOfOtherMode();
    if (!other.isEmpty()) {
      String how = flags.agent.value() ? "can not be used" : "can only be used";
      return new Refusal(
          "The following flag(s) " + how + " in agent mode: [" + String.join(" ", other) + "]", 3);
    }
    if (flags.agent.value()) {
      return new Refusal("agent mode (--agent) is not supported by Narthex yet", 1);
    }
    double ratio = flags.autoMemLimitRatio.value();
    if (!(ratio > 0 && ratio <= 1)) {
      return new Refusal(
          "--auto-gomemlimit.ratio must be greater than 0 and less than or equal to 1.", 1);
    }
    if (flags.searchMaxLimit.value() < 0) {
      return new Refusal("--web.search.max-limit must not be negative.", 1);
    }
    for (String address : flags.listenAddresses.value()) {
      if (address.lastIndexOf(':') <= address.lastIndexOf(']')) {
        return new Refusal(
            "parse external URL \"\": address " + address + ": missing port in address", 2);
      }
    }
    Refusal url = externalUrl(flags.externalUrl.value());
    if (url != null) {
      return url;
    }
    try {
      CapturingRegex.compile(flags.corsOrigin.value());
    } catch (RegexException e) {
      return new Refusal(
          "could not compile CORS regex string \""
              + flags.corsOrigin.value()
              + "\": "
              + e.getMessage(),
          2);
    }
    Refusal messages = writeMessages(flags.remoteWriteMessages.value());
    if (messages != null) {
      return messages;
    }
    Refusal bounds = storageBounds(flags);
    return bounds != null ? bounds : counts(flags);
  }

  private static @Nullable Refusal externalUrl(String url) {
    try {
      URI parsed = new URI(url);
      boolean opaque = parsed.isOpaque();
      return url.isEmpty() || !opaque
          ? null
          : new Refusal("parse external URL \"" + url + "\": it is no URL of HTTP", 2);
    } catch (URISyntaxException e) {
      return new Refusal(
          "parse external URL \"" + url + "\": parse \"" + url + "\": " + e.getReason(), 2);
    }
  }

  private static @Nullable Refusal storageBounds(PrometheusFlags flags) {
    long segment = flags.walSegmentSize.value();
    if (segment != 0 && (segment < MIN_SEGMENT || segment > MAX_SEGMENT)) {
      return new Refusal(
          "flag 'storage.tsdb.wal-segment-size' must be set between 10MB and 256MB", 1);
    }
    long chunks = flags.maxChunkSegment.value();
    if (chunks != 0 && chunks < 1 << 20) {
      return new Refusal(
          "flag 'storage.tsdb.max-block-chunk-segment-size' must be set over 1MB", 1);
    }
    if (flags.minBlockDuration.value().toMillis() < 1_000) {
      return new Refusal("flag 'storage.tsdb.min-block-duration' must be at least 1s", 1);
    }
    return null;
  }

  private static @Nullable Refusal writeMessages(List<String> names) {
    List<String> seen = new ArrayList<>();
    for (String name : names) {
      String problem = null;
      try {
        MessageType.of(name);
      } catch (IllegalArgumentException e) {
        problem = e.getMessage();
      }
      if (seen.contains(name)) {
        problem = "duplicated " + name + " flag value, got " + String.join(", ", seen) + " already";
      }
      if (problem != null) {
        return new Refusal("Error parsing command line arguments: " + problem, 2);
      }
      seen.add(name);
    }
    return null;
  }

  /** Numbers that make no sense when they are not positive. */
  private static @Nullable Refusal counts(PrometheusFlags flags) {
    for (Flag<Long> flag : List.of(flags.maxConnections, flags.samplesPerChunk)) {
      if (flag.value() <= 0 || flag.value() > Integer.MAX_VALUE) {
        return new Refusal("flag '" + flag.name() + "' must be a positive number", 1);
      }
    }
    long queries = flags.queryConcurrency.value();
    return queries > Integer.MAX_VALUE || queries < Integer.MIN_VALUE
        ? new Refusal("flag '" + flags.queryConcurrency.name() + "' is out of range", 1)
        : null;
  }
}
