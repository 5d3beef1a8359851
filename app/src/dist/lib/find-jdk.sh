# Finds a JDK 25: sets java_home, or leaves it empty. Sourced by ./dev and by bin/narthex, plain sh.
# A JDK says its version in its `release` file, so nothing is started to find out.
java_home=
narthex_is_jdk25() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release"
}
for narthex_candidate in "${JAVA_HOME:-}" "${JAVA_HOME_25_X64:-}" "${JAVA_HOME_25_ARM64:-}" \
  /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
  /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if [ -n "$narthex_candidate" ] && narthex_is_jdk25 "$narthex_candidate"; then
    java_home=$narthex_candidate
    break
  fi
done
if [ -z "$java_home" ] && command -v java >/dev/null 2>&1; then
  narthex_candidate=$(readlink -f "$(command -v java)" 2>/dev/null)
  narthex_candidate=${narthex_candidate%/bin/java}
  if narthex_is_jdk25 "$narthex_candidate"; then java_home=$narthex_candidate; fi
fi
