#!/usr/bin/env bash
# Runs a long harness at its full length and appends what it saw to docs/proofs.md.
# usage: prove.sh NAME   (crash, differential, drop-in, hostile-targets, many-blocks, memory, page, restart, start-up)
set -euo pipefail
name=${1:-}
case $name in
  crash) class=CrashTest,PowerCutTest ;;
  differential) class=DifferentialTest ;;
  drop-in) class=DropInTest ;;
  hostile-targets) class=HostileTargetsTest ;;
  many-blocks) class=ManyBlocksTest ;;
  memory) class=QueryMemoryTest ;;
  restart) class=RestartTest ;;
  start-up) class=StartUpTest ;;
  page) class=PageTest ;;
  *) echo "usage: ./dev prove crash | differential | drop-in | hostile-targets | many-blocks | memory | page | restart | start-up" >&2; exit 2 ;;
esac
NARTHEX_PEERS=$(scripts/peers.sh 2>/dev/null || true); export NARTHEX_PEERS
export NARTHEX_PROVE=1
log=$(mktemp)
status=passed
mvn clean verify -pl it -am -Dspotless.check.skip -Dtest="$class" -Dsurefire.failIfNoSpecifiedTests=false >"$log" 2>&1 || status=FAILED
grep -E '^> |Tests run:.*Time|ERROR' "$log" | head -n 60
{
  printf '\n## %s: %s\n\n' "$name" "$status"
  printf 'commit %s, %s UTC, `./dev prove %s`, %s cores\n\n' "$(git rev-parse --short HEAD)" "$(date -u '+%F %H:%M')" "$name" "$(nproc)"
  grep -E '^> ' "$log" | sed 's/^> /- /' || true
  grep -oE 'Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 | sed 's/^/- /' || true
} >>docs/proofs.md
rm -f "$log"
[ $status = passed ]
