#!/usr/bin/env bash
# Makes the start-up cache of a distribution. The cache holds what the JVM loads and what its compiler learns, so it is
# recorded over a life like a real one: a server fills a directory by scraping itself, a second one, the one that is
# recorded, starts over that directory as after a restart, and is asked what users ask, every endpoint of it.
# usage: train-aot.sh FOLDER
set -euo pipefail
home=$(cd "$1" && pwd -P)
asks=60
port=19390
base=http://127.0.0.1:$port
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
cat >"$work/prometheus.yml" <<TEXT
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: prometheus, static_configs: [{targets: ["127.0.0.1:$port"]}]}
TEXT

start() { # options for the JVM
  NARTHEX_JAVA_OPTS="$*" "$home/bin/narthex" up --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$port" --web.enable-lifecycle --web.enable-remote-write-receiver --enable-feature=promql-per-step-stats >"$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 200); do
    kill -0 "$pid" 2>/dev/null || break
    if curl -sf "$base/-/ready" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}
stop() {
  kill -TERM "$pid"
  wait "$pid" || true
  pid=
}

rm -f "$home/lib/narthex.aot"
start
sleep 8
stop
start "-XX:AOTCacheOutput=$home/lib/narthex.aot" -Xlog:aot=off -Xlog:cds=off
sleep 2

# Every request on a connection of its own, as most clients do; a number makes each address a new one.
ask() { curl -sG -o /dev/null -H 'Connection: close' "$@" || true; }
range="start=$(($(date +%s) - 60))&end=$(date +%s)&step=1"
while read -r query; do
  ask --data-urlencode "query=$query" "$base/api/v1/query?n=[1-$asks]"
  ask --data-urlencode "query=$query" "$base/api/v1/query_range?$range&n=[1-$asks]"
done <<'TEXT'
up
{__name__=~".+"}
node_cpu_seconds_total{mode!="idle"}
node_memory_MemFree_bytes + node_memory_Cached_bytes
1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes
sum(rate(node_cpu_seconds_total[30s]))
sum by (mode) (rate(node_cpu_seconds_total[1m]))
sum by (instance) (last_over_time({job=~".+"}[30s]))
sum without (cpu) (irate(node_cpu_seconds_total{mode=~"user|system"}[1m]))
histogram_quantile(0.9, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket[1m])))
topk(3, rate(node_network_receive_bytes_total[30s]))
count({__name__=~".+"})
count({__name__=~"node_(disk|network)_.*", instance=~"local.*|127.*"})
count({job!="node", le!=""})
count by (__name__) ({job=~".+"})
node_cpu_seconds_total / ignoring (mode) group_left sum without (mode) (node_cpu_seconds_total)
node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5
sum by (cpu) (node_cpu_seconds_total * on (instance, cpu) group_left () max by (instance, cpu) (node_cpu_seconds_total))
avg_over_time(node_load1[60s])
max by (mode) (max_over_time(node_cpu_seconds_total[60s]))
min_over_time(up[30s]) == 1 and up > 0 unless absent(nothing)
quantile_over_time(0.9, node_load1[30s]) or quantile(0.5, node_load1)
increase(prometheus_http_requests_total[30s]) > 0
max_over_time(sum(rate(node_cpu_seconds_total[10s]))[30s:5s])
label_replace(up, "host", "$1", "instance", "(.*):.*")
avg by (job) (up) > bool 0
sort_desc(node_memory_MemFree_bytes offset 5s)
deriv(node_load1[30s]) + predict_linear(node_load1[30s], 60)
changes(up[30s]) + resets(node_load1[30s])
time() - process_start_time_seconds
ceil(clamp_max(node_load1, 10)) * scalar(sum(up))
TEXT
some='match\[\]=up&match\[\]=node_load1'
all='match\[\]=%7B__name__%3D~%22.%2B%22%7D'
for path in "series?$all" "series?$some" labels? "labels?$all" "labels?$some" label/job/values? label/instance/values? \
  label/__name__/values? "label/__name__/values?$all" "label/mode/values?$some" metadata? targets? targets/metadata? \
  scrape_pools? rules? alerts? alertmanagers? status/tsdb? status/config? status/flags? status/runtimeinfo? \
  status/buildinfo? "query_exemplars?query=up&$range" 'format_query?query=up%2B1' 'parse_query?query=up%2B1' \
  'query?query=up&stats=all' 'query_explain?query=sum(up)' 'query?query=1%20%2B%201' 'query?query=nothing(' 'query?query=up%5B5s%5D'; do
  ask "$base/api/v1/$path&n=[1-$asks]"
  ask --compressed "$base/api/v1/$path&z=[1-$((asks / 5))]"
done
for path in metrics? query? -/healthy? "federate?$all"; do
  ask "$base/$path&n=[1-$((asks / 5))]"
done
# Tools send forms by POST, and keep their connections.
curl -s -o /dev/null --data 'query=up' "$base/api/v1/query?n=[1-$asks]" || true
curl -s -o /dev/null --data "query=rate(node_cpu_seconds_total[30s])&$range" "$base/api/v1/query_range?n=[1-$asks]" || true
# One sample by remote write: a protobuf message of 38 bytes, in a snappy block of one literal.
write() {
  local n=$(date +%s%3N) time=
  while [ "$n" -gt 127 ]; do
    time+=$(printf '\\x%02x' $((n & 127 | 128)))
    n=$((n >> 7))
  done
  printf "\\x26\\x94\\x0a\\x24\\x0a\\x10\\x0a\\x08__name__\\x12\\x04sent\\x12\\x10" >"$work/write"
  printf "\\x09\\x00\\x00\\x00\\x00\\x00\\x00\\xf0\\x3f\\x10$time\\x$(printf %02x "$n")" >>"$work/write"
  curl -sf -o /dev/null --data-binary "@$work/write" -H 'Content-Type: application/x-protobuf' \
    -H 'Content-Encoding: snappy' "$base/api/v1/write"
}
for _ in $(seq "$asks"); do write; done
stop
[ -s "$home/lib/narthex.aot" ]
