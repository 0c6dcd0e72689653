# Sourced by ./lumos and ./dev: where things live, and how a command is run inside the Debian 13 root.
# Needs $repo (the checkout) and $door (the command as typed). Messages go to stderr; exit 3 when the machine lacks something.

unset BASH_ENV ENV CDPATH
[ -n "${HOME:-}" ] || { unset HOME; HOME=~; }
LUMOS_HOME=$(readlink -m -- "${LUMOS_HOME:-$HOME/.cache/lumos}")
export HOME LUMOS_HOME
platform=$repo/platform

say() { printf 'lumos: %s\n' "$*" >&2; }
lacks() { say "$1"; say "next: $2"; exit 3; }

if [ ! . -ef "$PWD" ]; then say "the working folder was removed; going on in $repo"; cd "$repo" 2>/dev/null || exit 3; fi

# The root is keyed by the package list and the lock: changing either makes a new root.
root_path() {
  local sum; sum=$(cat "$platform/packages.txt" "$platform/packages.lock" | sha256sum)
  echo "$LUMOS_HOME/root-${sum:0:12}"
}

# Root by name is not enough: inside many containers it may not mount. Sets capabilities (hexadecimal).
read_capabilities() {
  local name value
  while read -r name value; do if [ "$name" = CapEff: ]; then capabilities=$value; return; fi; done </proc/self/status
}
require_privilege() {
  [ "$EUID" = 0 ] || lacks "this needs root: it makes mount namespaces, cgroups and network namespaces" "sudo $door"
  read_capabilities
  ((0x$capabilities >> 21 & 1)) ||
    lacks "this root may not mount (no CAP_SYS_ADMIN): probably a container" "run on the machine itself, or in a privileged container"
}

# Runs a command inside the root: private mount namespace, pivot_root; the repository and every folder of the host that is not
# the system's stay at their own paths; the host's certificates, resolver and environment are passed on.
enter() {
  if [ "${LUMOS_NATIVE:-}" = 1 ]; then exec "$@"; fi
  require_privilege
  local root; root=$(root_path)
  if [ ! -d "$root" ]; then
    # shellcheck source=platform/root.sh
    . "$platform/root.sh"
    build_root "$root"
  fi
  exec unshare --mount --propagation private bash "$platform/enter.sh" "$root" "$repo" "$@"
}
