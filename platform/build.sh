# Sourced inside the root: CMake builds. Trees live in $LUMOS_HOME/build, one per preset and checkout; ccache carries objects
# from one checkout to the next; release binaries are kept by the content of their sources.

export CCACHE_DIR=$LUMOS_HOME/ccache CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G CARGO_HOME=$LUMOS_HOME/cargo

# Content key of everything the binary is built from.
source_key() { (cd "$1" && find CMakeLists.txt CMakePresets.json src platform/packages.lock -type f ! -name '*_test.cc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16); }

tree_of() { echo "$LUMOS_HOME/build/$2-$(printf %s "$1" | sha256sum | cut -c1-8)"; }

# build_tree REPO PRESET [TARGET…]: configures when new, builds, prints nothing but errors and progress to stderr.
build_tree() {
  local repo=$1 preset=$2 tree; shift 2
  tree=$(tree_of "$repo" "$preset")
  mkdir -p "$tree"
  export CCACHE_BASEDIR=$repo
  (
    flock 8
    [ -f "$tree/build.ninja" ] || cmake -S "$repo" -B "$tree" --preset "$preset" >"$tree/configure.log" 2>&1 || { cat "$tree/configure.log" >&2; exit 70; }
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
