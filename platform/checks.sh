# Sourced by doctor.sh: its checks. Each calls `check NAME ok|note|missing DETAIL [NEXT]`, exactly once per name.
# shellcheck disable=SC2034  # done_* are read by doctor.sh

### the machine
is_root=; [ "$EUID" = 0 ] && is_root=1
first_line() { local line=; [ -r "$1" ] && IFS= read -r line <"$1" 2>/dev/null; printf %s "$line"; }
existing_home() { local d=$LUMOS_HOME; while [ ! -d "$d" ]; do d=${d%/*}; d=${d:-/}; done; echo "$d"; }

check_privilege() {
  local lacking='' name bit
  if [ -z "$is_root" ]; then check privilege missing "not root: instances need namespaces, cgroups and network devices" "sudo ./lumos doctor"; return; fi
  read_capabilities
  for name in chown:0 dac_override:1 fowner:3 kill:5 setgid:6 setuid:7 setpcap:8 net_admin:12 sys_chroot:18 sys_ptrace:19 \
    sys_admin:21 sys_nice:23 mknod:27; do
    bit=${name#*:}; ((0x$capabilities >> bit & 1)) || lacking+=" ${name%:*}"
  done
  if [ -n "$lacking" ]; then check privilege missing "root without the capabilities$lacking" "run on the machine itself, or in a privileged container"
  else check privilege ok "root, with every capability needed"; fi
}

check_machine() {
  local release major minor arch cores key value rest total=0 free=0
  release=$(first_line /proc/sys/kernel/osrelease)
  IFS=. read -r major minor rest <<<"$release"
  if ((major * 1000 + ${minor%%[!0-9]*} >= 5011)); then check kernel ok "Linux $release"
  else check kernel missing "Linux $release; the load generator's timer (epoll_pwait2) came with 5.11" "boot a newer kernel: Debian 12 has 6.1"; fi
  arch=$(uname -m)
  case $arch in
    x86_64) check architecture ok "$arch" ;;
    aarch64) check architecture note "$arch: Debian 13 has every package for it, but Lumos was only tried on x86_64" ;;
    *) check architecture missing "$arch: WasmEdge and the function builds are for x86_64 and aarch64" "use such a machine" ;;
  esac
  cores=$(nproc)
  case $cores in
    1) check cores note "1: instances share it with those who measure them, and the check placement flags every cell" ;;
    2) check cores ok "2: instances and their launcher get one; conductor, generator and gateway share the other" ;;
    *) check cores ok "$cores: instances and their launcher get $((cores - 1)); conductor, generator and gateway share the other" ;;
  esac
  while read -r key value rest; do
    case $key in MemTotal:) total=$((value / 1024)) ;; MemAvailable:) free=$((value / 1024)) ;; esac
  done </proc/meminfo
  if [ "$free" -ge 2000 ]; then check memory ok "$free of $total MB available"
  else check memory missing "$free of $total MB available; building needs 2000" "free some memory, or add swap"; fi
}

### what instances stand on, tried where root allows it
try_mounts() {  # prints the words overlay and pivot_root for what worked
  local place=$1
  # shellcheck disable=SC2016  # expands inside
  unshare --mount --propagation private bash -c '
    cd "$1" && mkdir lower upper work merged new || exit
    mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged && : >merged/file && echo overlay
    mount -t tmpfs tmpfs new && mkdir new/old && cd new && pivot_root . old && echo pivot_root' - "$place" 2>/dev/null
}

check_isolation() {
  local place tried='' home; home=$(existing_home)
  if [ -z "$is_root" ]; then
    check namespaces note "not tried without root"
    if [[ $(</proc/filesystems) == *overlay* ]]; then check overlayfs ok "known to the kernel; not tried without root"
    else check overlayfs note "not tried without root"; fi
    return
  fi
  if place=$(mktemp -d "$home/.lumos-doctor-XXXXXX" 2>/dev/null || mktemp -d); then tried=$(try_mounts "$place"); rm -rf "$place"; fi
  if [[ $tried == *pivot_root* ]] && unshare --net --pid --ipc --uts --fork true 2>/dev/null; then
    check namespaces ok "private mounts with pivot_root, network, process, IPC and host name: tried"
  else check namespaces missing "mount namespace with pivot_root, or network and process namespaces, refused" "run on the machine itself, or in a privileged container"; fi
  if [[ $tried == *overlay* ]]; then check overlayfs ok "mounted one, on the disk of $home"
  else check overlayfs missing "cannot be mounted on the disk of $home" "set LUMOS_HOME to a folder on ext4, xfs or btrfs"; fi
}

check_network() {
  local ip=() root; root=$(root_path)
  if [ -x "$root/usr/sbin/ip" ]; then ip=(chroot "$root" /usr/sbin/ip); elif command -v ip >/dev/null; then ip=(ip); fi
  if [ -n "$is_root" ] && [ ${#ip[@]} -gt 0 ]; then
    if unshare --net "${ip[@]}" link add lumos0 type veth peer name lumos1 2>/dev/null; then check veth ok "made a pair"
    else check veth missing "the kernel makes no veth pair" "modprobe veth, or boot a kernel that has it"; fi
  elif [ -d /sys/module/veth ]; then check veth ok "the kernel has it; not tried"
  else check veth note "not tried: needs root and the ip command"; fi
  if [ -r /proc/sys/kernel/seccomp/actions_avail ]; then check seccomp ok "filters: $(first_line /proc/sys/kernel/seccomp/actions_avail)"
  else check seccomp missing "the kernel has no seccomp filters" "boot a kernel with CONFIG_SECCOMP_FILTER"; fi
}

check_cgroups() {
  local fields controller where v2='' has lacking='' denied='' version
  declare -A at=()
  while read -r -a fields; do
    case " ${fields[*]} " in
      *" - cgroup2 "*) v2=${fields[4]} ;;
      *" - cgroup "*) for controller in cpu cpuacct memory pids; do [[ ,${fields[-1]}, == *,$controller,* ]] && at[$controller]=${fields[4]}; done ;;
    esac
  done </proc/self/mountinfo
  if [ -n "${at[memory]:-}" ]; then version="v1${v2:+ hybrid}"
  elif [ -n "$v2" ]; then
    version=v2 has=" $(first_line "$v2/cgroup.controllers") "
    for controller in cpu memory pids; do [[ $has == *" $controller "* ]] && at[$controller]=$v2; done
    [ -e "$v2/cpu.stat" ] && at[cpuacct]=$v2
  else check cgroups missing "no cgroup hierarchy with a memory controller is mounted" "boot with cgroup v2 (systemd does), or mount one on /sys/fs/cgroup"; return; fi
  for controller in cpu cpuacct memory pids; do
    where=${at[$controller]:-}
    if [ -z "$where" ]; then lacking+=" $controller"
    elif [ -n "$is_root" ]; then mkdir "$where/lumos-doctor-$$" 2>/dev/null && rmdir "$where/lumos-doctor-$$" || denied+=" $where"; fi
  done
  if [ -n "$lacking" ]; then check cgroups missing "$version without$lacking" "enable these controllers (kernel command line: cgroup_enable=memory)"
  elif [ -n "$denied" ]; then check cgroups missing "$version, not writable:$denied" "run on the machine itself, or with a writable /sys/fs/cgroup"
  elif [ -n "$is_root" ]; then check cgroups ok "$version with cpu, cpuacct, memory, pids; made a group in each"
  else check cgroups note "$version with cpu, cpuacct, memory, pids; writing not tried without root"; fi
}

### what can be imposed on instances
check_devices() {
  local fields controller v2='' has='' lacking=''
  declare -A at=()
  while read -r -a fields; do
    case " ${fields[*]} " in
      *" - cgroup2 "*) v2=${fields[4]} ;;
      *" - cgroup "*) for controller in cpu memory blkio; do [[ ,${fields[-1]}, == *,$controller,* ]] && at[$controller]=${fields[4]}; done ;;
    esac
  done </proc/self/mountinfo
  if [ -n "${at[memory]:-}" ]; then
    [ -e "${at[cpu]:-/none}/cpu.cfs_quota_us" ] || lacking+=" CPU quota,"
    [ -e "${at[memory]}/memory.memsw.limit_in_bytes" ] || lacking+=" swap,"
    [ -e "${at[blkio]:-/none}/blkio.throttle.read_bps_device" ] || lacking+=" reads,"
  elif [ -n "$v2" ]; then
    has=" $(first_line "$v2/cgroup.controllers") "
    [[ $has == *" cpu "* ]] || lacking+=" CPU quota,"
    [[ $has == *" io "* ]] || lacking+=" reads,"
  else lacking=" CPU quota, reads,"; fi
  if [ -z "$lacking" ]; then check devices ok "profiles can limit CPU time, memory and reads from disk (docs/devices.md)"
  else check devices note "profiles cannot limit:${lacking%,}; an experiment that asks for it is refused"; fi
  if dd if=/dev/zero of="$(existing_home)/.lumos-doctor-direct-$$" bs=4096 count=1 oflag=direct status=none 2>/dev/null; then
    check neighbours ok "load on CPU, memory and disk can be set beside instances (docs/neighbours.md)"
  else check neighbours note "no direct access to the disk of $(existing_home): no neighbour of kind io, no calibrate"; fi
  rm -f "$(existing_home)/.lumos-doctor-direct-$$"
}

### how quiet it is
check_noise() {
  local clock governor virtual='' key rest user nice system idle iowait irq softirq steal total
  clock=$(first_line /sys/devices/system/clocksource/clocksource0/current_clocksource)
  case $clock in
    tsc | kvm-clock | arch_sys_counter | hyperv*) check clock ok "$clock: read without a system call" ;;
    *) check clock note "${clock:-unknown}: reading the time may take a microsecond" ;;
  esac
  governor=$(first_line /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor)
  case $governor in
    performance) check frequency ok "governor performance" ;;
    "") check frequency note "not visible here; the host may change it" ;;
    *) check frequency note "governor $governor: short work runs at varying speed" "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor" ;;
  esac
  while read -r key rest; do
    case $key in flags) [[ " $rest " == *" hypervisor "* ]] && virtual=1; break ;; esac
  done </proc/cpuinfo
  read -r key user nice system idle iowait irq softirq steal rest </proc/stat
  total=$((user + nice + system + idle + iowait + irq + softirq + steal))
  if [ -z "$virtual" ]; then check virtualisation ok "none seen"
  else check virtualisation note "virtual machine; $((steal * 1000 / (total + 1) / 10)).$((steal * 1000 / (total + 1) % 10)) % of its time went to others since boot"; fi
  if [ -n "$(first_line /proc/pressure/cpu)" ]; then check psi ok "stall times (PSI) of CPU, memory and I/O"
  else check psi note "no PSI: stalls are not recorded" "boot with psi=1"; fi
  if [ -d /sys/bus/event_source/devices/cpu ]; then check perf ok "hardware counters (perf)"
  else check perf note "no hardware counters here: cycles and cache misses are not recorded"; fi
}

### what set-up has done and will cost
done_root='' done_tool='' done_functions=''
check_set_up() {
  local home free root artefacts; home=$(existing_home); root=$(root_path)
  free=$(df -m --output=avail "$home" | tail -n 1); free=${free// /}
  if [ "${LUMOS_NATIVE:-}" = 1 ]; then done_root=true; check root ok "LUMOS_NATIVE=1: this system is used as it is"
  elif [ -d "$root" ]; then done_root=true; check root ok "$root"
  elif ! command -v mmdebstrap >/dev/null && ! command -v apt-get >/dev/null; then
    check root missing "not built, and neither mmdebstrap nor apt-get is here" "install mmdebstrap by this system's own means, or use platform/Dockerfile"
  else check root note "not built yet; the first command that needs it builds it"; fi
  if [ -n "$done_root" ] || [ "$free" -ge "${LUMOS_NEED_MB:-4000}" ]; then check disk ok "$free MB free in $LUMOS_HOME"
  else check disk missing "$free MB free for $LUMOS_HOME; set-up needs ${LUMOS_NEED_MB:-4000}" "free some space, or set LUMOS_HOME to a larger disk"; fi
  if [ -x "$LUMOS_HOME/bin/lumos-$(source_key "$repo")" ]; then done_tool=true; check tool ok "built from these sources"
  else check tool note "not built yet; the first command builds it"; fi
  artefacts=("$LUMOS_HOME"/artefacts/*)
  if [ -e "${artefacts[0]}" ]; then done_functions=true; check functions ok "built before; what changed is built again"
  else check functions note "none built yet; demo and run build what they need"; fi
}
