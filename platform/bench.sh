# Sourced by verbs.sh: ./dev bench [NAME…] [--OPTION…]: the programs of bench/ (all, or those whose name has NAME in it), optimised.
build_tree "$repo" release bench/all
programs=() options=() names=()
for a in "$@"; do case $a in -*) options+=("$a") ;; *) names+=("$a") ;; esac; done
for program in "$(tree_of "$repo" release)"/bench/*_bench; do
  if [ ${#names[@]} = 0 ]; then programs+=("$program"); fi
  for name in "${names[@]}"; do if [[ ${program##*/} == *"$name"* ]]; then programs+=("$program"); fi; done
done
[ ${#programs[@]} -gt 0 ] || usage "no such benchmark: $*" "./dev bench (all of bench/)"
failed=()
for program in "${programs[@]}"; do
  say "${program##*/}"
  "$program" "${options[@]}" || failed+=("${program##*/}")
done
if [ ${#failed[@]} -gt 0 ]; then say "failed: ${failed[*]}"; exit 1; fi
