package io.narthex.base.regex;

import com.google.re2j.Pattern;
import io.narthex.base.bytes.Utf8;

/** re2j itself. */
record ReferenceMatcher(Pattern pattern) implements TextMatcher {

  @Override
  public boolean matches(String text) {
    return pattern.matcher(text).matches();
  }

  @Override
  public boolean matches(byte[] bytes, int from, int length) {
    return matches(Utf8.text(bytes, from, length));
  }
}
