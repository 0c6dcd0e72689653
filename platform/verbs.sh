# Inside the root: what the verbs of ./dev do. verbs.sh REPO VERB ARGUMENT…
set -euo pipefail
repo=$1 verb=$2; shift 2
export LUMOS_REPO=$repo
. "$repo/platform/build.sh"
cd "$repo"

sources() { find src tests bench -name '*.cc' -o -name '*.h'; }

case $verb in
  build) build_tree "$repo" "${1:-dev}" ;;
  shell) if [ $# = 0 ]; then exec bash; else exec "$@"; fi ;;
  format)
    sources | xargs clang-format-19 -i
    if [ -d functions ]; then (cd functions && cargo fmt 2>/dev/null) || true; fi ;;
  test) . "$repo/platform/test.sh" ;;
  *) echo "lumos: ./dev $verb is not here yet" >&2; exit 2 ;;
esac
