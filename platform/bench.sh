# Sourced by verbs.sh: ./dev bench [NAME…] [--OPTION…]: the programs of bench/ (all, or those whose name has NAME in it),
# optimised, one after the other. Options go to the programs; each says in its head which it takes.

names=() options=() benches=() failed=()
for argument in "$@"; do
  case $argument in -*) options+=("$argument") ;; *) names+=("$argument") ;; esac
done
for file in "$repo"/bench/*_bench.cc; do
  bench=${file##*/} bench=${bench%.cc}
  if [ ${#names[@]} = 0 ]; then benches+=("$bench"); fi
  for name in "${names[@]}"; do
    if [[ $bench == *"$name"* ]]; then benches+=("$bench"); fi
  done
done
if [ ${#benches[@]} = 0 ]; then usage "no such benchmark: ${names[*]}" "./dev bench (all of bench/)"; fi

build_tree "$repo" release "${benches[@]}"
for bench in "${benches[@]}"; do
  say "$bench"
  "$(tree_of "$repo" release)/bench/$bench" "${options[@]}" || failed+=("$bench")
done
if [ ${#failed[@]} -gt 0 ]; then say "failed: ${failed[*]}"; exit 1; fi
