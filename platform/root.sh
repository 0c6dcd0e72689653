# Sourced when a root has to be built or removed. It grows in building-root-PID and is renamed when complete, under a lock;
# whatever stops a build, no half root is ever entered, and the next build removes what was left.
# shellcheck source=platform/setup.cost
. "$platform/setup.cost"

require_home() {
  mkdir -p "$LUMOS_HOME" 2>/dev/null || lacks "cannot make the folder $LUMOS_HOME" "set LUMOS_HOME to a folder you may write"
  # The tag keeps backups out, and tells `./dev clean all` that this folder may go. A folder with other people's files gets none.
  local inside=("$LUMOS_HOME"/*)
  if [ ! -e "${inside[0]}" ]; then
    printf 'Signature: 8a477f597d28d172789f06886806bc55\n# Made by Lumos; it may be removed at any time.\n' >"$LUMOS_HOME/CACHEDIR.TAG"
  fi
}

require_disk() {
  local need=${LUMOS_NEED_MB:-4000} free; free=$(df -m --output=avail "$LUMOS_HOME" | tail -n 1)
  [ "$free" -ge "$need" ] || lacks "$LUMOS_HOME has ${free// /} MB free; set-up needs $need" "free some space, or set LUMOS_HOME to a larger disk"
}

# mmdebstrap comes from the system's own package manager, after saying so. Tried on Debian 12; Ubuntu has the same packages.
require_mmdebstrap() {
  PATH=$PATH:/usr/sbin:/sbin
  command -v mmdebstrap >/dev/null && return
  command -v apt-get >/dev/null || lacks "mmdebstrap is missing, and Lumos installs it by itself only where apt-get is (Debian, Ubuntu)" \
    "install mmdebstrap, apt and Debian's archive keyring by this system's own means (not tried by us), or use platform/Dockerfile"
  say "mmdebstrap is missing; installing it with apt-get"
  # A foreign source that cannot be reached makes the update fail, not what follows.
  { apt-get update || true
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends mmdebstrap debian-archive-keyring
  } >"$LUMOS_HOME/apt.log" 2>&1 </dev/null ||
    { tail -20 "$LUMOS_HOME/apt.log" >&2; lacks "apt-get could not install mmdebstrap (log: $LUMOS_HOME/apt.log)" "install mmdebstrap by hand, then repeat"; }
}

# Renamed first, so that a removal which is interrupted leaves nothing that looks whole.
remove_root() { mv "$1" "$LUMOS_HOME/building-root-removed-$$-${1##*-}"; remove_leftovers; }
remove_leftovers() {
  local left; for left in "$LUMOS_HOME"/building-root-*; do rm -rf --one-file-system "$left"; done
}
in_use() { local p; for p in /proc/[0-9]*/root; do [ "$p" -ef "$1" ] && return 0; done; return 1; }

# One at a time. The lock is inherited by the build's processes on purpose: nobody removes a folder that one of them still writes.
lock_roots() {
  exec 9>"$LUMOS_HOME/root.lock"
  flock -n 9 || { say "another set-up is running; waiting for it"; flock 9; }
}

build_root() {
  local root=$1
  require_home; require_disk; lock_roots
  if [ ! -d "$root" ]; then require_mmdebstrap; remove_leftovers; bootstrap "$root"; fi
  exec 9>&-
}

# In namespaces of its own that die with this shell (kill -9 included): no orphan, no mount left behind.
bootstrap() {
  local root=$1 log=$LUMOS_HOME/root.log started=$SECONDS names proxy=''
  building=$LUMOS_HOME/building-root-$$ builder=
  names=$(sed 's/#.*//' "$platform/packages.txt" | xargs)
  say "building the Debian 13 root once: about $download_mb MB to download, $disk_mb MB on disk, one to three minutes"
  if command -v apt-config >/dev/null; then eval "$(apt-config shell proxy Acquire::http::Proxy)"; fi
  umask 022
  trap abandon INT TERM HUP
  # Default sources: trixie, its updates and its security suite, so that the root has the fixes of the day it was built.
  LC_ALL=C setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
    mmdebstrap --variant=minbase --aptopt='Acquire::Retries "3"' ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
    --include="${names// /,}" trixie "$building" >"$log" 2>&1 </dev/null &
  builder=$!
  show_progress "$started"
  if ! wait "$builder"; then
    tail -20 "$log" >&2
    remove_leftovers
    lacks "the Debian 13 root could not be built (log: $log)" "check the network and this system's package sources, then repeat"
  fi
  awk '/^Package:/ {p = $2} /^Version:/ {print p "=" $2}' "$building/var/lib/dpkg/status" | LC_ALL=C sort >"$building/packages.actual"
  report_drift "$building/packages.actual"
  disk_mb=$(du -sm "$building" | cut -f1)
  sed "s/^download_mb=.*/download_mb=$download_mb/; s/^disk_mb=.*/disk_mb=$disk_mb/
    s/^download_seconds=.*/download_seconds=$download_seconds/; s/^install_seconds=.*/install_seconds=$install_seconds/" \
    "$platform/setup.cost" >"$building/setup.cost"
  mv -T "$building" "$root"
  trap - INT TERM HUP
  say "root ready after $((SECONDS - started)) s: $root"
}

abandon() {
  trap '' INT TERM HUP
  if [ -n "$builder" ]; then kill -KILL "$builder" && wait "$builder"; fi 2>/dev/null || true
  # What died with it may still be on its way out.
  for _ in {1..20}; do if remove_leftovers 2>/dev/null; then break; fi; sleep 0.2; done
  say "interrupted; nothing is left of the build"
  exit 130
}

# Debian serves only the newest version of a package: a lock cannot be enforced, so the difference is told, and every run records it.
report_drift() {
  local drift; drift=$(comm -13 <(LC_ALL=C sort "$platform/packages.lock") "$1" | wc -l)
  [ "$drift" = 0 ] || say "note: $drift packages differ from platform/packages.lock; runs record what is really there (./dev lock accepts it)"
}

# Seconds left of a stage: at the speed seen so far; before a tenth is done, at the speed of setup.cost.
left_of() {  # TOTAL DONE SECONDS_SPENT SECONDS_GUESSED
  if [ "$2" -ge "$1" ]; then echo 0
  elif [ $(($2 * 10)) -lt "$1" ]; then echo $((($1 - $2) * $4 / $1))
  else echo $((($1 - $2) * $3 / $2)); fi
}

# Every second on a terminal, else a plain line every ten. Leaves what it measured in the variables of setup.cost.
show_progress() {
  local started=$1 packages shown=-10 downloading=0 installing=0 fetched=0 earlier=0 now last=0 installed lists stage left
  packages=$(wc -l <"$platform/packages.lock")
  while kill -0 "$builder" 2>/dev/null; do
    # Essential packages are fetched, installed and removed before the rest is fetched: the archives of both rounds count.
    now=$(du -sm "$building/var/cache/apt/archives" 2>/dev/null | cut -f1) || true
    if [ "${now:=0}" -lt $((last - 5)) ]; then earlier=$fetched; fi
    fetched=$((earlier + now))
    lists=("$building"/var/lib/dpkg/info/*.list); installed=${#lists[@]}
    if [ "$now" -gt "$last" ] || [ "$fetched" -lt 5 ]; then
      downloading=$((downloading + 1)); stage="downloading: $fetched of $download_mb MB"
    else
      installing=$((installing + 1)); stage="installing: $installed of $packages packages"
    fi
    last=$now
    left=$(($(left_of "$download_mb" "$fetched" "$downloading" "$download_seconds") + $(left_of "$packages" "$installed" "$installing" "$install_seconds") + 3))
    if [ -t 2 ]; then
      printf '\rlumos:   %d s  %s, about %d s left \033[K' $((SECONDS - started)) "$stage" "$left" >&2
    elif [ $((SECONDS - shown)) -ge 10 ]; then
      shown=$SECONDS; say "  $((SECONDS - started)) s  $stage, about $left s left"
    fi
    sleep 1
  done
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  download_mb=$fetched download_seconds=$downloading install_seconds=$installing
}
