# Sourced by ./lumos and ./dev: where the Debian 13 root lives, how it is built once, how a command is run inside it.
# Needs $repo (the checkout). Sets LUMOS_HOME and root. Every function prints to stderr and ends with exit 3 when the machine lacks something.

export LUMOS_HOME=${LUMOS_HOME:-$HOME/.cache/lumos}
platform=$repo/platform

say() { printf 'lumos: %s\n' "$*" >&2; }
lacks() { say "$1"; say "next: $2"; exit 3; }

package_names() { sed 's/#.*//' "$platform/packages.txt" | xargs; }

# The root is keyed by the package list and the lock: changing either makes a new root.
root_path() { echo "$LUMOS_HOME/root-$(cat "$platform/packages.txt" "$platform/packages.lock" | sha256sum | cut -c1-12)"; }

require_privilege() {
  [ "$(id -u)" = 0 ] && return
  lacks "this needs root: it makes mount namespaces, cgroups and network namespaces" "sudo $0 $*"
}

# mmdebstrap comes from the system's own package manager, after saying so.
require_mmdebstrap() {
  command -v mmdebstrap >/dev/null && return
  say "mmdebstrap is missing; installing it with this system's package manager"
  local log; log=$(mktemp)
  if command -v apt-get >/dev/null; then
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap uidmap; } >"$log" 2>&1
  elif command -v dnf >/dev/null; then dnf install -y mmdebstrap >"$log" 2>&1
  elif command -v pacman >/dev/null; then pacman -S --noconfirm mmdebstrap >"$log" 2>&1
  fi || { cat "$log" >&2; rm -f "$log"; lacks "mmdebstrap could not be installed" "install mmdebstrap by hand, then repeat"; }
  rm -f "$log"
  command -v mmdebstrap >/dev/null || lacks "no known package manager offers mmdebstrap" "install mmdebstrap by hand, then repeat"
}

require_disk() {
  mkdir -p "$LUMOS_HOME" 2>/dev/null || lacks "cannot create $LUMOS_HOME" "set LUMOS_HOME to a folder you may write"
  local free_mb; free_mb=$(df -Pm "$LUMOS_HOME" | awk 'NR==2 {print $4}')
  [ "$free_mb" -ge "${LUMOS_NEED_MB:-4000}" ] ||
    lacks "$LUMOS_HOME has $free_mb MB free; set-up needs ${LUMOS_NEED_MB:-4000}" "free some space, or set LUMOS_HOME to a larger disk"
}

# Builds the root in a temporary folder and renames it when complete, under a lock: an interrupted or a parallel build leaves no half root.
build_root() {
  local root=$1 building log packages count
  require_privilege; require_disk
  exec 9>"$LUMOS_HOME/root.lock"
  flock -n 9 || { say "another set-up is running; waiting for it"; flock 9; }
  [ -d "$root" ] && { exec 9>&-; return; }
  require_mmdebstrap
  find "$LUMOS_HOME" -maxdepth 1 -name 'building-root-*' -exec rm -rf --one-file-system {} +
  building=$LUMOS_HOME/building-root-$$
  log=$LUMOS_HOME/root.log
  packages=$(package_names); count=$(echo "$packages" | wc -w)
  say "building the Debian 13 root once: $count packages, about 450 MB to download, 1.8 GB on disk, 1 to 3 minutes"
  mmdebstrap --variant=minbase --include="$(echo "$packages" | tr ' ' ',')" trixie "$building" 2>&1 9>&- | tee "$log" |
    while IFS= read -r line; do case $line in I:*) say "  ${SECONDS} s  ${line#I: }" ;; esac; done
  if [ "${PIPESTATUS[0]}" != 0 ]; then
    tail -20 "$log" >&2; rm -rf --one-file-system "$building"
    lacks "the Debian 13 root could not be built (log: $log)" "check the network and this system's package sources, then repeat"
  fi
  # shellcheck disable=SC2016  # the format is dpkg's
  chroot "$building" dpkg-query -W -f '${Package}=${Version}\n' | LC_ALL=C sort >"$building/packages.actual"
  mkdir -p "$building/.host"
  # A committed lock that this mirror no longer serves exactly is told, and recorded by every run; a missing lock is written.
  [ -s "$platform/packages.lock" ] && report_lock_drift "$building/packages.actual"
  mv "$building" "$root"
  exec 9>&-
  say "root ready after ${SECONDS} s: $root"
}

report_lock_drift() {
  local drift; drift=$(diff <(LC_ALL=C sort "$platform/packages.lock") "$1" | grep -c '^>') || true
  [ "$drift" = 0 ] || say "note: $drift packages differ from platform/packages.lock; the run's manifest records what is really there (./dev lock rewrites the lock)"
}

# Runs a command inside the root: private mount namespace, pivot_root; the repository and every folder of the host that is not
# the system's stay at their own paths; the host's certificates, resolver and environment are passed on.
enter() {
  if [ "${LUMOS_NATIVE:-}" = 1 ]; then exec "$@"; fi
  local root; root=$(root_path)
  [ -d "$root" ] || build_root "$root"
  require_privilege
  exec unshare --mount --propagation private bash "$platform/enter.sh" "$root" "$repo" "$@"
}
