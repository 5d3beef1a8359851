#!/usr/bin/env bash
# Unpacks the real programs that tests compare with into a cache, without installing them (their packages would start
# services on 9090, 9093 and 9100), and prints the folder: prometheus242, promtool242, prometheus35, promtool35,
# node_exporter, blackbox_exporter, apache_exporter, alertmanager, amtool. Needs Debian; prints nothing where they cannot
# be had.
set -euo pipefail
home=${NARTHEX_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/narthex-peers}
if [ -x "$home/amtool" ] && [ -x "$home/apache_exporter" ]; then echo "$home"; exit; fi
command -v apt-get >/dev/null && command -v dpkg >/dev/null || exit 0
mkdir -p "$home"/{apt/lists/partial,apt/cache/archives/partial,apt/sources.d,deb}
cd "$home/deb"

# A list of one release, made from the machine's own mirror, that nothing else of the system sees.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/$' | head -n 1)
fetch() { # release package...
  local release=$1; shift
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$home/apt/sources.list"
  local apt=(apt-get -qq -o Dir::Etc::sourcelist="$home/apt/sources.list" -o Dir::Etc::sourceparts="$home/apt/sources.d"
    -o Dir::State::lists="$home/apt/lists" -o Dir::Cache="$home/apt/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update && "${apt[@]}" download "$@"
}
unpack() { # folder pattern
  rm -rf "${home:?}/$1"
  dpkg -x "$(ls -t $2 | head -n 1)" "$home/$1"
}
[ -x "$home/amtool" ] || {
  fetch bookworm prometheus prometheus-node-exporter prometheus-alertmanager
  unpack bookworm.d 'prometheus_2.*.deb'
  unpack node_exporter.d 'prometheus-node-exporter_*.deb'
  unpack alertmanager.d 'prometheus-alertmanager_*.deb'
  fetch sid prometheus promtool
  unpack sid.d 'prometheus_3.*.deb'
  unpack promtool.d 'promtool_3.*.deb'
} >&2
[ -x "$home/apache_exporter" ] || {
  fetch bookworm prometheus-blackbox-exporter prometheus-apache-exporter
  unpack blackbox_exporter.d 'prometheus-blackbox-exporter_*.deb'
  unpack apache_exporter.d 'prometheus-apache-exporter_*.deb'
} >&2
link() { ln -sfn "$home/$2" "$home/$1"; }
link prometheus242 bookworm.d/usr/bin/prometheus
link promtool242 bookworm.d/usr/bin/promtool
link prometheus35 sid.d/usr/bin/prometheus
link promtool35 promtool.d/usr/bin/promtool
link node_exporter node_exporter.d/usr/bin/prometheus-node-exporter
link blackbox_exporter blackbox_exporter.d/usr/bin/prometheus-blackbox-exporter
link apache_exporter apache_exporter.d/usr/bin/prometheus-apache-exporter
link alertmanager alertmanager.d/usr/bin/prometheus-alertmanager
link amtool alertmanager.d/usr/bin/amtool
echo "$home"
