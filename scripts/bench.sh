#!/usr/bin/env bash
# Runs the micro benchmarks whose name matches. usage: bench.sh [REGEX] [JMH FLAGS]
set -euo pipefail
mvn -q package -pl bench -am -DskipTests -Dspotless.check.skip
classpath=$(mvn -q -pl bench -am dependency:build-classpath -Dmdep.outputFile=/dev/stdout 2>/dev/null | tail -n 1 || true)
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders -cp "bench/target/classes:$(find . -path '*/target/classes' -type d -printf '%p:')$classpath" org.openjdk.jmh.Main "$@"
