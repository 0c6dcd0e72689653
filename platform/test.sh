# Sourced by verbs.sh: builds, then runs the suites named by labels; without labels everything of `dev`, and the functions' tests.
# Every part runs even when one before it failed; the exit code is 1 when any failed.

cpp_labels=() parts=()
for label in "$@"; do
  case $label in
    unit | golden | integration | system | fuzz | layers | platform) cpp_labels+=("$label") ;;
    rust | asan | tsan) parts+=("$label") ;;
    *) usage "unknown label: $label" "./dev test unit|golden|integration|system|fuzz|layers|platform|rust|asan|tsan" ;;
  esac
done
if [ ${#cpp_labels[@]} -gt 0 ] || [ $# = 0 ]; then parts=(cpp "${parts[@]}"); fi
if [ $# = 0 ] && [ -d functions ]; then parts+=(rust); fi

failed=()
run_ctest() {  # PRESET [LABEL…]
  local preset=$1 tree labels; shift
  tree=$(tree_of "$repo" "$preset"); labels=$(IFS='|'; echo "$*")
  build_tree "$repo" "$preset" || return
  ctest --test-dir "$tree" --output-on-failure --no-tests=error -j2 --output-junit "$tree/ctest.xml" ${labels:+-L "^($labels)\$"} || return
}
skipped() { sed -n '1,/>/s/.*skipped="\([0-9]*\)".*/\1/p' "$(tree_of "$repo" "$1")/ctest.xml" 2>/dev/null || true; }

for part in "${parts[@]}"; do
  case $part in
    cpp) run_ctest dev "${cpp_labels[@]}" || failed+=(cpp); say "skipped by ctest: $(skipped dev)" ;;
    asan | tsan) run_ctest "$part" unit || failed+=("$part") ;;
    rust)
      CARGO_TARGET_DIR=$LUMOS_HOME/build/functions-test cargo test --manifest-path functions/Cargo.toml --workspace --locked || failed+=(rust) ;;
  esac
done
if [ ${#failed[@]} -gt 0 ]; then say "failed: ${failed[*]}"; exit 1; fi
