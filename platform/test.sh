# Sourced by verbs.sh: builds, then runs the suites named by labels. Without labels: what runs within one process (unit, golden, fuzz)
# under the address and undefined-behaviour sanitizers, everything else of `dev` but verify-all, and the functions' tests.
# Every part runs even when one before it failed; exit 1 when any failed. The last line is the sum over the runners.

cpp_labels=() parts=()
for label in "$@"; do
  case $label in
    unit | golden | integration | system | fuzz | layers | platform | verify-all) cpp_labels+=("$label") ;;
    rust | asan | tsan) parts+=("$label") ;;
    *) usage "unknown label: $label" "./dev test unit|golden|integration|system|fuzz|layers|platform|rust|asan|tsan|verify-all" ;;
  esac
done
if [ $# = 0 ]; then
  cpp_labels=(integration system layers platform) parts=(asan)
  if [ -d functions ]; then parts+=(rust); fi
fi
if [ ${#cpp_labels[@]} -gt 0 ]; then parts=(cpp "${parts[@]}"); fi

passed=0 bad=0 skipped=0 failed=()
count() {  # STATUS PART PASSED FAILED SKIPPED; a part that failed without a failed test (it did not build) counts as one
  passed=$((passed + ${3:-0})) skipped=$((skipped + ${5:-0}))
  if [ "$1" = 0 ]; then return; fi
  failed+=("$2")
  if [ "${4:-0}" = 0 ]; then bad=$((bad + 1)); else bad=$((bad + $4)); fi
}

run_ctest() {  # PART PRESET LABEL…
  local part=$1 preset=$2 tree targets=() label counts status=0; shift 2
  tree=$(tree_of "$repo" "$preset")
  for label in "$@"; do
    case $label in unit | golden | fuzz) targets+=(process_tests) ;; *) targets+=(all) ;; esac
  done
  rm -f "$tree/ctest.xml"
  build_tree "$repo" "$preset" "${targets[@]}" &&
    ctest --test-dir "$tree" --output-on-failure --no-tests=error -j2 --output-junit "$tree/ctest.xml" -L "^($(IFS='|'; echo "$*"))\$" || status=$?
  read -ra counts < <(awk -F'"' '/^\ttests=/ {n = $2} /^\tfailures=/ {f = $2} /^\t(skipped|disabled)=/ {s += $2} END {print n - f - s, f + 0, s + 0}' \
    "$tree/ctest.xml" 2>/dev/null) || true
  count "$status" "$part" "${counts[@]}"
}

run_rust() {
  local log=$LUMOS_HOME/build/functions-test.log counts status=0
  (cd functions && CARGO_TARGET_DIR=$LUMOS_HOME/build/functions-test cargo test --workspace --locked --no-fail-fast | tee "$log") || status=$?
  read -ra counts < <(awk '/^test result:/ {p += $4; f += $6; s += $8} END {print p + 0, f + 0, s + 0}' "$log")
  count "$status" rust "${counts[@]}"
}

mkdir -p "$LUMOS_HOME/build"
for part in "${parts[@]}"; do
  case $part in
    cpp) run_ctest cpp dev "${cpp_labels[@]}" ;;
    asan | tsan) run_ctest "$part" "$part" unit golden fuzz ;;
    rust) run_rust ;;
  esac
done
if [ ${#failed[@]} -gt 0 ]; then say "failed: ${failed[*]}"; fi
echo "total: $passed passed, $bad failed, $skipped skipped"
[ $bad = 0 ]
