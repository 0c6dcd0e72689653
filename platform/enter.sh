# Runs in a mount namespace of its own (see enter in platform.sh): enter.sh ROOT REPO COMMAND…
# All mounts go through one table and one call of mount: a process for each would cost more than all the rest.
set -euo pipefail
root=$1 repo=$2; shift 2
cd -P . && here=$PWD

table=
mount_at() {  # SOURCE TARGET TYPE OPTIONS
  local source=${1//\\/\\134} target=${2//\\/\\134}
  source=${source// /\\040} target=${target// /\\040}
  table+="${source//$'\t'/\\011} ${target//$'\t'/\\011} $3 $4 0 0"$'\n'
}
pass() {  # a folder or file of the host at its own path, or at PATH of the root
  local at=$root${2:-$1}
  if [ -d "$1" ]; then [ -d "$at" ] || mkdir -p "$at"
  elif [ ! -e "$at" ]; then mkdir -p "${at%/*}"; : >"$at"; fi
  mount_at "$1" "$at" none rbind
}
# A folder of one of the root's packages is the root's own: in /usr/bin, the root's /usr/bin is meant.
packaged() { grep -qsxF -- "$1" "$root"/var/lib/dpkg/info/*.list; }

mount -t tmpfs -o mode=755 tmpfs "$root/run"
# Unbindable until the end, so that a home folder passed below does not bring a second copy of everything.
mount_at "$root" "$root" none rbind,unbindable

for d in /*; do
  case $d in /bin | /boot | /etc | /lib* | /lost+found | /run | /sbin | /usr | /var) continue ;; esac
  if [ -d "$d" ] && [ ! -L "$d" ]; then pass "$d"; fi
done
pass /var/tmp
# A checkout, home or working folder below one of the system's folders.
for d in "$repo" "$LUMOS_HOME" "$HOME" "$here"; do
  case $d in
    /var/tmp | /var/tmp/*) ;;
    /usr/* | /var/* | /run/* | /etc/*) if [ -d "$d" ] && ! packaged "$d"; then pass "$d"; fi ;;
  esac
done

# Certificates of the host (Debian's folder, or another distribution's one file), resolver, and any file that a variable names.
if [ -f /etc/ssl/certs/ca-certificates.crt ] && [ ! -L /etc/ssl/certs/ca-certificates.crt ]; then pass /etc/ssl/certs
else
  for f in /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem /etc/ssl/certs/ca-certificates.crt; do
    if [ -f "$f" ]; then pass "$(readlink -f "$f")" /etc/ssl/certs/ca-certificates.crt; break; fi
  done
fi
if [ -e /etc/resolv.conf ]; then pass "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf; fi
if [ -e /etc/hosts ]; then pass /etc/hosts; fi
for v in SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE CARGO_HTTP_CAINFO GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS; do
  f=${!v:-}
  case $f in
    /etc/ssl/certs/* | /etc/ssl/certs) ;;
    /usr/* | /var/* | /run/* | /etc/*) if [ -e "$f" ] && ! packaged "$f"; then pass "$f"; fi ;;
  esac
done

mkdir -p "$root/run/lock" "$root/.host"
printf %s "$table" >"$root/run/mounts"
mount --no-mtab --all --fstab "$root/run/mounts" || { echo "lumos: the root $root could not be entered
lumos: next: ./lumos doctor" >&2; exit 3; }
cd "$root"
pivot_root . .host
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LUMOS_NATIVE=1 LC_ALL=C.UTF-8
# What would make the root's tools use the host's.
unset LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH PYTHONHOME PERL5LIB CPATH LIBRARY_PATH CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS \
  CMAKE_GENERATOR CMAKE_PREFIX_PATH CMAKE_TOOLCHAIN_FILE PKG_CONFIG_PATH MAKEFLAGS \
  RUSTC RUSTUP_TOOLCHAIN RUSTFLAGS RUSTC_WRAPPER CARGO_TARGET_DIR CARGO_BUILD_TARGET
[ -d "${TMPDIR:-/tmp}" ] || unset TMPDIR
umount -l /.host
mount --make-private /
cd "$here"
exec "$@"
