# Sourced by verbs.sh: ./dev fuzz TARGET [SECONDS]. Starts from the committed corpus (tests/fuzz/corpus/TARGET), keeps what it finds in
# LUMOS_HOME/fuzz/TARGET; an input that crashes is left there as crash-…, to be added to the corpus with the fix.
targets() { find tests/fuzz -name '*_fuzz.cc' -printf '%f\n' 2>/dev/null | sed 's/_fuzz\.cc$//' | sort; }
target=${1:-} seconds=${2:-60}
if [ -z "$target" ]; then targets; exit 0; fi
targets | grep -qxF -- "$target" || usage "no fuzz target $target" "./dev fuzz ($(targets | xargs))"
[[ $seconds =~ ^[0-9]+$ ]] || usage "not a number of seconds: $seconds" "./dev fuzz $target 60"
build_tree "$repo" fuzz "${target}_fuzz"
program=$(find "$(tree_of "$repo" fuzz)" -type f -name "${target}_fuzz" -perm -u+x | head -n 1)
found=$LUMOS_HOME/fuzz/$target
mkdir -p "$found"
seeds=(); if [ -d "tests/fuzz/corpus/$target" ]; then seeds=("tests/fuzz/corpus/$target"); fi
exec "$program" -max_total_time="$seconds" -artifact_prefix="$found/" -timeout=10 -rss_limit_mb=2048 "$found" "${seeds[@]}"
