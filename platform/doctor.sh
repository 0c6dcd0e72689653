# ./lumos doctor [--json]: what this machine can measure, what it lacks, what set-up will cost. Runs before any set-up and
# without root, in bash with coreutils and util-linux. What can be tried is tried, in namespaces of its own.
set -uo pipefail
repo=$(readlink -f "${BASH_SOURCE[0]%/*}/..")
# shellcheck source=platform/platform.sh
. "$repo/platform/platform.sh"
# shellcheck source=platform/build.sh
. "$platform/build.sh"
# shellcheck source=platform/setup.cost
. "$platform/setup.cost"
# shellcheck source=platform/checks.sh
. "$platform/checks.sh"
# shellcheck disable=SC2031
export LC_ALL=C

json=
for a in "$@"; do
  case $a in
    --json) json=1 ;;
    -h | --help)
      printf '%s\n' "What this machine can measure, what it lacks, and what set-up will cost. Changes nothing; takes under two seconds." "" \
        "  ./lumos doctor           a line per check: ok, note (measurable, but know this), missing (and how to get it)" \
        "  ./lumos doctor --json    the same for programs" "" "Exit code: 0 everything needed is there, 3 something is missing, 2 wrong usage."
      exit 0 ;;
    *) say "doctor does not know $a"; say "next: ./lumos doctor --help"; exit 2 ;;
  esac
done

names=() states=() details=() nexts=()
check() { names+=("$1") states+=("$2") details+=("$3") nexts+=("${4:-}"); }
missing() {  # of all checks, or of those named: the ones that are missing
  local i; for i in "${!names[@]}"; do
    if [ "${states[i]}" = missing ] && { [ $# = 0 ] || [[ " $* " == *" ${names[i]} "* ]]; }; then printf '%s ' "${names[i]}"; fi
  done
}

check_privilege; check_machine; check_isolation; check_network; check_cgroups; check_devices; check_noise; check_set_up

all_missing=$(missing)
sandbox=true; [ -z "$(missing privilege kernel architecture memory namespaces overlayfs veth cgroups root disk)" ] || sandbox=false
oci=$sandbox; [ -z "$(missing seccomp)" ] || oci=false
# What is still to be done; minutes of an otherwise idle machine.
seconds=$((download_seconds + install_seconds)) build_seconds=$((build_core_seconds / $(nproc)))
if [ -n "$done_root" ]; then download_mb=0 disk_mb=0 seconds=0; fi
if [ -n "$done_tool" ]; then build_disk_mb=0 build_seconds=0; fi
disk_mb=$((disk_mb + build_disk_mb)) minutes=$(((seconds + build_seconds + 59) / 60))
disk_gb=$((disk_mb / 1000)).$((disk_mb % 1000 / 100))

quoted() {
  local s=$1 c out='' i
  s=${s//\\/\\\\} s=${s//\"/\\\"}
  if [[ $s == *[[:cntrl:]]* ]]; then
    for ((i = 0; i < ${#s}; i++)); do
      c=${s:i:1}; if [[ $c == [[:cntrl:]] ]]; then printf -v c '\\u%04x' "'$c"; fi; out+=$c
    done
    s=$out
  fi
  printf '"%s"' "$s"
}

print_json() {
  local i comma=''
  printf '{"schema":1,"checks":['
  for i in "${!names[@]}"; do
    printf '%s{"name":"%s","status":"%s","detail":%s,"next":%s}' "$comma" "${names[i]}" "${states[i]}" "$(quoted "${details[i]}")" \
      "$(if [ -n "${nexts[i]}" ]; then quoted "${nexts[i]}"; else echo null; fi)"
    comma=,
  done
  printf '],"set_up":{"root":%s,"tool":%s,"functions":%s,"download_mb":%s,"disk_gb":%s,"minutes":%s,"needs_root":true,"home":%s},' \
    "${done_root:-false}" "${done_tool:-false}" "${done_functions:-false}" "$download_mb" "$disk_gb" "$minutes" "$(quoted "$LUMOS_HOME")"
  printf '"can_measure":{"sandbox":%s,"runc":%s,"crun":%s,"wasm-interp":%s,"wasm-aot":%s}}\n' "$sandbox" "$oci" "$oci" "$oci" "$oci"
}

print_text() {
  local i
  for i in "${!names[@]}"; do
    printf '%-8s %-15s %s\n' "${states[i]}" "${names[i]}" "${details[i]}"
    if [ -n "${nexts[i]}" ]; then printf '%25s%s\n' '→ ' "${nexts[i]}"; fi
  done
  echo
  if [ -n "$all_missing" ]; then
    echo "This machine cannot measure yet; missing: ${all_missing% }."
    for i in "${!names[@]}"; do if [ "${states[i]}" = missing ]; then echo "next: ${nexts[i]}"; break; fi; done
  else
    local cost="set-up is done"
    if [ -z "$done_root" ]; then
      cost="set-up, once and as root, downloads about $download_mb MB, takes $disk_gb GB of disk and about $minutes minutes"
    elif [ -z "$done_tool" ]; then cost="the Debian 13 root is there; compiling the tool and the functions once takes about $minutes minutes"; fi
    echo "This machine can measure all five runtimes; $cost."
    echo "next: ./lumos demo"
  fi
}

if [ -n "$json" ]; then print_json; else print_text; fi
[ -z "$all_missing" ] || exit 3
