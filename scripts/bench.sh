#!/usr/bin/env bash
# Runs the micro benchmarks whose name matches. usage: bench.sh [REGEX] [JMH FLAGS]
set -euo pipefail
mvn -q package -pl bench -am -DskipTests -Dspotless.check.skip
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -XX:+UseCompactObjectHeaders -cp "bench/target/classes:$(cat bench/target/classpath)" org.openjdk.jmh.Main "$@"
