#!/usr/bin/env bash
# Makes the start-up cache of a distribution: starts it once, lets it scrape itself, asks it something, stops it.
# usage: train-aot.sh FOLDER
set -euo pipefail
home=$(cd "$1" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/prometheus.yml" <<'TEXT'
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: prometheus, static_configs: [{targets: ["127.0.0.1:19390"]}]}
TEXT
rm -f "$home/lib/narthex.aot"
NARTHEX_JAVA_OPTS="-XX:AOTCacheOutput=$home/lib/narthex.aot -Xlog:aot=off -Xlog:cds=off" "$home/bin/narthex" up --config.file="$work/prometheus.yml" \
  --storage.tsdb.path="$work/data" --web.listen-address=127.0.0.1:19390 --web.enable-lifecycle >"$work/log" 2>&1 &
pid=$!
ready=
for _ in $(seq 100); do
  kill -0 "$pid" 2>/dev/null || break
  if curl -sf http://127.0.0.1:19390/-/ready >/dev/null 2>&1; then ready=yes; break; fi
  sleep 0.1
done
if [ -z "$ready" ]; then kill "$pid" 2>/dev/null || true; cat "$work/log" >&2; exit 1; fi
sleep 3
for path in '/api/v1/query?query=sum(rate(node_cpu_seconds_total\[1m\]))' '/api/v1/query_range?query=up&start=0&end=60&step=15' /metrics /query /api/v1/targets; do
  curl -s -o /dev/null "http://127.0.0.1:19390$path" || true
done
kill -TERM "$pid"
wait "$pid" || true
[ -s "$home/lib/narthex.aot" ]
