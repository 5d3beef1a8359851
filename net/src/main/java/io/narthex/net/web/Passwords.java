package io.narthex.net.web;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.narthex.base.text.GoQuote;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Names and passwords against bcrypt hashes. Thread-safe.
 *
 * <p>A hash takes a tenth of a second of a core on purpose, so answers are remembered (the last
 * hundred, good and bad, by a digest of name, hash and password), and only one is computed at a
 * time: guessing must not take the cores from those who are let in. An unknown name costs as much
 * as a wrong password, so that the time does not tell which names there are.
 */
final class Passwords {

  private static final int MOST_REMEMBERED = 100;
  private static final int HASH_LENGTH = 59;
  private static final int COST = 10;

  private static final BCrypt.Verifyer VERIFYER =
      BCrypt.verifyer(
          BCrypt.Version.VERSION_2A,
          LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A));

  private final ReentrantLock computing = new ReentrantLock();

  /** The hash that an unknown name is measured by. */
  private @Nullable String nobody;

  // Guarded by itself.
  private final Map<String, Boolean> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Entry<String, Boolean> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /** Whether an Authorization header proves to be one of the users. */
  boolean isRight(Map<String, String> users, @Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return false;
    }
    String pair;
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(6).strip());
      pair = new String(decoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not what a client with a password sends.
      return false;
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      return false;
    }
    String user = pair.substring(0, colon);
    String password = pair.substring(colon + 1);
    String hash = users.get(user);
    String key = key(user, hash == null ? "" : hash, password);
    synchronized (remembered) {
      Boolean known = remembered.get(key);
      if (known != null) {
        return known;
      }
    }
    boolean right = verify(hash, password);
    synchronized (remembered) {
      remembered.put(key, right);
    }
    return right;
  }

  private boolean verify(@Nullable String hash, String password) {
    byte[] secret = password.getBytes(StandardCharsets.UTF_8);
    computing.lock();
    try {
      String against = hash;
      if (against == null) {
        if (nobody == null) {
          nobody = BCrypt.withDefaults().hashToString(COST, "nobody".toCharArray());
        }
        against = nobody;
      }
      boolean same =
          VERIFYER.verify(secret, against.getBytes(StandardCharsets.US_ASCII)).verified;
      return same && hash != null;
    } finally {
      computing.unlock();
    }
  }

  private static String key(String user, String hash, String password) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : new String[] {user, hash, password}) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
        digest.update((byte) ':');
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The form of a hash, with the complaints of Go's bcrypt. */
  static void checkHash(String hash) throws WebConfigException {
    if (hash.length() < HASH_LENGTH) {
      throw new WebConfigException(
          "crypto/bcrypt: hashedSecret too short to be a bcrypted password");
    }
    if (hash.charAt(0) != '$') {
      throw new WebConfigException(
          "crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with '"
              + hash.charAt(0)
              + "'");
    }
    if (hash.charAt(1) > '2') {
      throw new WebConfigException(
          "crypto/bcrypt: bcrypt algorithm version '"
              + hash.charAt(1)
              + "' requested is newer than current version '2'");
    }
    int from = hash.charAt(2) == '$' ? 3 : 4;
    String digits = hash.substring(from, from + 2);
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new WebConfigException(
          "strconv.Atoi: parsing " + GoQuote.quote(digits) + ": invalid syntax");
    }
    int cost = Integer.parseInt(digits);
    if (cost < 4 || cost > 31) {
      throw new WebConfigException(
          "crypto/bcrypt: cost " + cost + " is outside allowed inclusive range 4..31");
    }
  }
}
