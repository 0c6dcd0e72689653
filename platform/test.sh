# Sourced by verbs.sh: builds, then runs the suites. Without labels: everything.
build_tree "$repo" dev
labels=$(IFS='|'; echo "$*")
ctest --test-dir "$(tree_of "$repo" dev)" --output-on-failure -j2 ${labels:+-L "^($labels)$"}
