# Sourced by verbs.sh: ./dev lint [--all]. Every part runs; exit 1 when any complained. clang-tidy looks at what changed since main
# (committed or not), or at everything with --all. Ends with a report of long files and functions, which fails nothing.
case ${1:-} in "" | --all) ;; *) usage "lint does not know $1" "./dev lint, or ./dev lint --all" ;; esac
failed=()
part() { local name=$1; shift; say "lint: $name"; "$@" || failed+=("$name"); }

changed() {
  local base; base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } | sort -u
}
# A header is checked through the sources that include it.
to_tidy() {
  local file
  changed | grep -E '^(src|tests|bench)/.*\.(h|cc)$' | while IFS= read -r file; do
    case $file in *.cc) echo "$file" ;; *.h) grep -rlF --include='*.cc' "\"${file#src/}\"" src tests bench || true ;; esac
  done | sort -u
}
# Of what run-clang-tidy prints: what was found, and now and then how far it is. (-W interactive: mawk waits for 4 KiB otherwise.)
findings() {
  awk -W interactive 'BEGIN { begin = systime() }
    /^\[ *[0-9]+\/[0-9]+\]/ {
      split($0, of, /[][\/ ]+/); seconds = systime() - begin
      if (seconds >= next_s && of[2] + 0 < of[3] + 0) {
        printf "  %d of %d files, about %d min left\n", of[2], of[3], seconds / of[2] * (of[3] - of[2]) / 60 + 1 > "/dev/stderr"
        next_s = seconds + 30
      }
      next
    }
    /^[0-9]+ warnings|^clang-tidy-19 |^$/ { next }
    { print; fflush() }'
}
tidy() {
  local tree files=('.*'); tree=$(tree_of "$repo" tidy)
  mkdir -p "$tree"
  configure_tree "$repo" tidy || return
  if [ "${1:-}" != --all ]; then
    mapfile -t files < <(to_tidy | sed 's/[.+]/\\&/g; s/$/$/')
    if [ ${#files[@]} = 0 ]; then say "  nothing changed since main"; return; fi
  fi
  PYTHONUNBUFFERED=1 run-clang-tidy-19 -clang-tidy-binary clang-tidy-19 -p "$tree" -j"${LUMOS_JOBS:-2}" -quiet "${files[@]/#//}" 2>&1 | findings
  return "${PIPESTATUS[0]}"
}
formatted() { sources | xargs -d '\n' clang-format-19 --dry-run -Werror -ferror-limit=3; }
shells() { { printf '%s\n' lumos dev .ci/run platform/*.sh; find tests -name '*.sh'; } | xargs -d '\n' shellcheck; }
# Inside functions/, where cargo finds its configuration.
rust() (
  cd functions && cargo fmt --all --check &&
    CARGO_TARGET_DIR=$LUMOS_HOME/build/functions-test cargo clippy --workspace --all-targets --locked -- -D warnings
)

# Google layout: what starts in the first column is a function when it has a parenthesis and ends in a brace of the first column.
long_ones() {
  # shellcheck disable=SC2016  # awk's own
  sources | sort | xargs -d '\n' awk '
    FNR == 1 { if (name && lines > 450) print "  " name ": " lines " lines"; name = FILENAME; start = 0 }
    { lines = FNR }
    /^[A-Za-z_~].*\(/ && !/;$/ { start = FNR; what = $0 }
    /^(namespace|class|struct|enum|union)/ { start = 0 }
    /^}/ { if (start && FNR - start > 60) print "  " FILENAME ":" start ": " FNR - start + 1 " lines: " substr(what, 1, 70); start = 0 }
    END { if (lines > 450) print "  " name ": " lines " lines" }'
}

part format formatted
part layers python3 tests/layers_test.py
part shell shells
if [ -d functions ]; then part rust rust; fi
part clang-tidy tidy "${1:-}"
say "longer than 450 lines (files) or 60 (functions), for information:"
long_ones
if [ ${#failed[@]} -gt 0 ]; then say "failed: ${failed[*]}"; exit 1; fi
say "lint: clean"
