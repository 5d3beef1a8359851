#!/usr/bin/env bash
# Runs a long harness at its full length and appends what it saw to docs/proofs.md.
# usage: prove.sh NAME   (without a name it lists them)
set -euo pipefail
name=${1:-}
case $name in
  crash) class=CrashTest,PowerCutTest ;;
  differential) class=DifferentialTest ;;
  drop-in) class=DropInTest ;;
  exporters) class=ExportersTest ;;
  fuzz-promql) class= ;;
  hostile-targets) class=HostileTargetsTest ;;
  many-blocks) class=ManyBlocksTest ;;
  many-targets) class=ManyTargetsTest ;;
  memory) class=QueryMemoryTest ;;
  reloads) class=ReloadsTest ;;
  restart) class=RestartTest ;;
  start-up) class=StartUpTest ;;
  page) class=PageTest ;;
  exposition) class=ExpositionDifferentialTest ;;
  fuzz-exposition) class=ExpositionFuzzTest ;;
  rotation) class=RotationTest ;;
  kubernetes-discovery) class=KubernetesScaleTest; module=discovery ;;
  *) echo "usage: ./dev prove $(grep -oE '^  [a-z-]+\)' "$0" | tr -d ' )' | sort | paste -sd'|' | sed 's/|/ | /g')" >&2; exit 2 ;;
esac
NARTHEX_PEERS=$(scripts/peers.sh 2>/dev/null || true); export NARTHEX_PEERS
export NARTHEX_PROVE=1
if [ -n "$class" ] && [ -z "${module:-}" ]; then
  # What is proved is what users run, its start-up cache included.
  ./dev build
  export NARTHEX_DIST=$PWD/dist
fi
log=$(mktemp)
status=passed
tests() { # module tests
  mvn clean "${phase:-verify}" -pl "$1" -am -Dspotless.check.skip -Dtest="$2" -Dsurefire.failIfNoSpecifiedTests=false >>"$log" 2>&1 || status=FAILED
}
if [ "$name" = fuzz-promql ]; then
  # One search to a run; what it finds is written beside the seeds, as one more of them.
  export JAZZER_FUZZ=1
  phase=test
  for class in ParserFuzzTest EngineFuzzTest ScriptFuzzTest; do tests promql "$class"; done
else
  tests "${module:-it}" "$class"
fi
grep -aE '^> |Tests run:.*Time|ERROR' "$log" | sed -n 1,60p
{
  printf '\n## %s: %s\n\n' "$name" "$status"
  printf 'commit %s, %s UTC, `./dev prove %s`, %s cores\n\n' "$(git rev-parse --short HEAD)" "$(date -u '+%F %H:%M')" "$name" "$(nproc)"
  grep -aE '^> ' "$log" | sed 's/^> /- /' || true
  grep -aoE 'Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 | sed 's/^/- /' || true
} >>docs/proofs.md
rm -f "$log"
[ $status = passed ]
