# Sourced inside the root: CMake builds. Trees live in $LUMOS_HOME/build, one per preset and checkout; ccache carries objects
# from one checkout to the next; release binaries are kept by the content of their sources.

export CCACHE_DIR=$LUMOS_HOME/ccache CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G CARGO_HOME=$LUMOS_HOME/cargo

# Content key of everything the binary is built from. (In bash alone: doctor asks before anything is there, and every start does.)
source_key() (
  cd "$1" || exit
  shopt -s globstar
  LC_ALL=C files=()
  for f in CMakeLists.txt CMakePresets.json cmake/* src/** platform/packages.lock; do
    if [ -f "$f" ] && [[ $f != *_test.cc ]]; then files+=("$f"); fi
  done
  sum=$(sha256sum -- "${files[@]}" | sha256sum)
  echo "${sum:0:16}"
)

tree_of() { echo "$LUMOS_HOME/build/$2-$(printf %s "$1" | sha256sum | cut -c1-8)"; }

# build_tree REPO PRESET [TARGET…]: configures when new or when the presets changed, builds; all output goes to stderr.
build_tree() {
  local repo=$1 preset=$2 tree; shift 2
  tree=$(tree_of "$repo" "$preset")
  mkdir -p "$tree"
  export CCACHE_BASEDIR=$repo
  (
    flock -n 8 || { echo "lumos: another build in $tree is running; waiting for it" >&2; flock 8; }
    if [ ! "$tree/build.ninja" -nt "$repo/CMakePresets.json" ]; then
      cmake -S "$repo" -B "$tree" --preset "$preset" >"$tree/configure.log" 2>&1 || { cat "$tree/configure.log" >&2; exit 70; }
    fi
    cmake --build "$tree" ${1:+--target "$@"} >&2
  ) 8>"$tree/.lock"
}

release_binary() {
  local repo=$1 key binary
  key=$(source_key "$repo"); binary=$LUMOS_HOME/bin/lumos-$key
  if [ ! -x "$binary" ]; then
    echo "lumos: building the tool (release), once for these sources" >&2
    build_tree "$repo" release lumos
    mkdir -p "$LUMOS_HOME/bin"
    cp "$(tree_of "$repo" release)/lumos" "$binary.$$" && mv "$binary.$$" "$binary"
  fi
  echo "$binary"
}
