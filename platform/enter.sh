# Runs in a mount namespace of its own (see enter in platform.sh): enter.sh ROOT REPO COMMAND…
set -euo pipefail
root=$1 repo=$2; shift 2
here=$PWD

mount --bind "$root" "$root"
cd "$root"
for d in proc sys dev; do mount --rbind "/$d" "$d"; done
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/lock

# Every folder of the host that is not the system's own, at its own path.
for d in /*; do
  case $d in /bin | /boot | /dev | /etc | /lib* | /lost+found | /proc | /run | /sbin | /sys | /usr | /var) continue ;; esac
  [ -d "$d" ] && [ ! -L "$d" ] || continue
  [ -d "$root$d" ] || mkdir "$root$d"
  mount --rbind "$d" "$root$d"
done
mount --rbind /var/tmp "$root/var/tmp"
# What still would not be seen: a checkout, a home or a working folder below one of the system's folders.
for d in "$repo" "$LUMOS_HOME" "$here"; do
  case $d in /usr/* | /var/* | /run/* | /etc/*) mkdir -p "$root$d"; mount --bind "$d" "$root$d" ;; esac
done

# Certificates and resolver of the host, and any certificate file that a variable names.
[ -d /etc/ssl/certs ] && mount --bind /etc/ssl/certs etc/ssl/certs
if [ -e /etc/resolv.conf ]; then
  [ -e etc/resolv.conf ] || touch etc/resolv.conf
  mount --bind "$(readlink -f /etc/resolv.conf)" etc/resolv.conf
fi
for v in SSL_CERT_FILE CURL_CA_BUNDLE CARGO_HTTP_CAINFO GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS; do
  f=${!v:-}
  case $f in /usr/* | /var/* | /etc/*) [ -f "$f" ] && [ ! -e "$root$f" ] && mkdir -p "$root${f%/*}" && cp "$f" "$root$f" || true ;; esac
done

# crun refuses a hybrid cgroup hierarchy: hide the v2 part where v1 carries the controllers.
if [ -e sys/fs/cgroup/memory ] && [ -d sys/fs/cgroup/unified ]; then umount sys/fs/cgroup/unified 2>/dev/null || true; fi

pivot_root . .host
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LUMOS_NATIVE=1 LC_ALL=C.UTF-8
unset LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH PYTHONHOME RUSTUP_TOOLCHAIN RUSTFLAGS CARGO_TARGET_DIR CC CXX CFLAGS CXXFLAGS LDFLAGS
umount -l /.host
cd "$here"
exec "$@"
