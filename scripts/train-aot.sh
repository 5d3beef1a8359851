#!/usr/bin/env bash
# Makes the start-up cache of a distribution: starts it once, lets it scrape itself, asks it something, stops it.
# usage: train-aot.sh FOLDER
set -euo pipefail
home=$(cd "$1" && pwd -P)
asks=200
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
# The cache also keeps what the compiler learns, so ask what users ask, often enough to be compiled.
base=http://127.0.0.1:19390
range="start=$(($(date +%s) - 60))&end=$(date +%s)&step=1"
ask() { curl -sG -o /dev/null "$@" || true; }
while read -r query; do
  ask --data-urlencode "query=$query" "$base/api/v1/query?n=[1-$asks]"
  ask --data-urlencode "query=$query" "$base/api/v1/query_range?$range&n=[1-$asks]"
done <<'TEXT'
up
sum(rate(node_cpu_seconds_total[1m]))
sum by (mode) (rate(node_cpu_seconds_total[1m]))
histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[1m])))
topk(3, node_network_receive_bytes_total)
count({__name__=~".+"})
node_filesystem_avail_bytes / node_filesystem_size_bytes
max_over_time(node_load1[30s])
avg by (job) (up) > 0 or absent(nothing)
TEXT
for path in metrics? query? api/v1/targets? api/v1/labels? api/v1/label/job/values? 'api/v1/series?match\[\]=up' api/v1/metadata? api/v1/status/tsdb?; do
  ask "$base/$path&n=[1-$((asks / 10))]"
done
kill -TERM "$pid"
wait "$pid" || true
[ -s "$home/lib/narthex.aot" ]
