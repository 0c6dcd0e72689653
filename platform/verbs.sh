# Inside the root: what the verbs of ./dev do. verbs.sh REPO VERB ARGUMENT…
set -euo pipefail
repo=$1 verb=$2; shift 2
export LUMOS_HOME=${LUMOS_HOME:-$HOME/.cache/lumos} LUMOS_REPO=$repo
# shellcheck source=platform/build.sh
. "$repo/platform/build.sh"
cd "$repo"

say() { printf 'lumos: %s\n' "$*" >&2; }
usage() { say "$1"; say "next: $2"; exit 2; }
sources() { find src tests bench -name '*.cc' -o -name '*.h'; }

case $verb in
  build)
    preset=${1:-dev}
    case $preset in
      dev | release | asan | tsan | tidy | fuzz) build_tree "$repo" "$preset" all process_tests ;;
      *) usage "unknown preset: $preset" "./dev build dev|release|asan|tsan|tidy|fuzz" ;;
    esac ;;
  shell) if [ $# = 0 ]; then exec bash; else exec "$@"; fi ;;
  format)
    sources | xargs -d '\n' clang-format-19 -i
    if [ -d functions ]; then (cd functions && cargo fmt --all); fi ;;
  test | lint | bench | fuzz)
    # shellcheck source=/dev/null
    . "$repo/platform/$verb.sh" ;;
  *) usage "unknown verb: $verb" "./dev help" ;;
esac
