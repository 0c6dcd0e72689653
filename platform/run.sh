# Inside the root: builds the release binary when the sources changed, then runs it. run.sh REPO ARGUMENT…
set -euo pipefail
repo=$1; shift
export LUMOS_HOME=${LUMOS_HOME:-$HOME/.cache/lumos} LUMOS_REPO=$repo
. "$repo/platform/build.sh"
binary=$(release_binary "$repo")
exec "$binary" "$@"
