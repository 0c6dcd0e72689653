# Sourced inside the root: CMake builds. Trees live in $LUMOS_HOME/build, one per preset and checkout; ccache carries objects
# from one checkout to the next (seen from every tree, the sources are at checkout/, so that the paths in them are the same);
# release binaries are kept by the content of their sources.

# Depend mode saves what is not in the cache yet a run of the preprocessor. The rest is for cmake/precompiled.cmake.
export CCACHE_DIR=$LUMOS_HOME/ccache CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE=3G CARGO_HOME=$LUMOS_HOME/cargo
export CCACHE_PCH_EXTSUM=1 CCACHE_SLOPPINESS=pch_defines,time_macros

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

# configure_tree REPO PRESET: when new, or when the presets changed.
configure_tree() {
  local tree; tree=$(tree_of "$1" "$2")
  if [ ! -L "$tree/checkout" ]; then rm -f "$tree/CMakeCache.txt" "$tree/build.ninja"; ln -s "$1" "$tree/checkout"; fi
  if [ "$tree/build.ninja" -nt "$1/CMakePresets.json" ]; then return; fi
  cmake -S "$tree/checkout" -B "$tree" --preset "$2" >"$tree/configure.log" 2>&1 || { cat "$tree/configure.log" >&2; return 70; }
}

# How many compilers at once: two more than cores, where each can have the 900 MB that the largest files take.
compilers() {
  local cores fit; cores=$(nproc) fit=$(awk '$1 == "MemAvailable:" {print int($2 / 900000)}' /proc/meminfo)
  echo $((fit < 1 ? 1 : fit < cores + 2 ? fit : cores + 2))
}

# build_tree REPO PRESET [TARGET…]; all output goes to stderr.
build_tree() {
  local repo=$1 preset=$2 tree; shift 2
  tree=$(tree_of "$repo" "$preset")
  mkdir -p "$tree"
  (
    flock -n 8 || { echo "lumos: another build in $tree is running; waiting for it" >&2; flock 8; }
    configure_tree "$repo" "$preset" || exit
    CCACHE_BASEDIR=$tree cmake --build "$tree" --parallel "$(compilers)" ${1:+--target "$@"} >&2
  ) 8>"$tree/.lock"
}

release_binary() {
  local repo=$1 key binary
  key=$(source_key "$repo"); binary=$LUMOS_HOME/bin/lumos-$key
  if [ ! -x "$binary" ]; then
    echo "lumos: building the tool (release), once for these sources: some minutes" >&2
    build_tree "$repo" release lumos
    mkdir -p "$LUMOS_HOME/bin"
    cp "$(tree_of "$repo" release)/lumos" "$binary.$$" && mv "$binary.$$" "$binary"
  fi
  echo "$binary"
}
