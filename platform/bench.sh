# Sourced by verbs.sh: ./dev bench [NAME…] [--benchmark_option…]: the programs of bench/ (all, or those whose name has NAME in it),
# repetitions interleaved at random, so that drift of the machine hits all alike; aggregates show the spread.
build_tree "$repo" release bench/all
programs=() options=() names=()
for a in "$@"; do case $a in -*) options+=("$a") ;; *) names+=("$a") ;; esac; done
for program in "$(tree_of "$repo" release)"/bench/*; do
  if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
  if [ ${#names[@]} = 0 ]; then programs+=("$program"); fi
  for name in "${names[@]}"; do if [[ ${program##*/} == *"$name"* ]]; then programs+=("$program"); fi; done
done
[ ${#programs[@]} -gt 0 ] || usage "no such benchmark: $*" "./dev bench (all of bench/)"
for program in "${programs[@]}"; do
  "$program" --benchmark_enable_random_interleaving=true --benchmark_repetitions=5 --benchmark_report_aggregates_only=true "${options[@]}"
done
