# Sourced by ./dev: the verbs that look after LUMOS_HOME from outside the root.
# shellcheck source=platform/root.sh
. "$platform/root.sh"

usage() { say "$1"; say "next: ./dev help"; exit 2; }

clean() {
  local checkout trees root
  case ${1:-} in
    "")
      checkout=$(printf %s "$repo" | sha256sum)
      trees=("$LUMOS_HOME"/build/*-"${checkout:0:8}")
      rm -rf --one-file-system "${trees[@]}" ;;
    roots)
      lock_roots; remove_leftovers
      for root in "$LUMOS_HOME"/root-*/; do
        root=${root%/}
        if [ ! -d "$root" ] || [ "$root" = "$(root_path)" ]; then continue; fi
        if in_use "$root"; then say "kept, in use: $root"; else say "removing $root"; remove_root "$root"; fi
      done ;;
    all)
      [ -d "$LUMOS_HOME" ] || return 0
      if [ ! -f "$LUMOS_HOME/CACHEDIR.TAG" ] && [ "$LUMOS_HOME" != "$HOME/.cache/lumos" ]; then
        lacks "$LUMOS_HOME held other files before Lumos did" "remove root-*, build, bin, ccache and cargo there by hand"
      fi
      lock_roots
      for root in "$LUMOS_HOME"/root-*/; do
        if in_use "$root"; then lacks "in use: $root" "end the commands that run inside it, then repeat"; fi
      done
      for root in "$LUMOS_HOME"/root-*/; do if [ -d "$root" ]; then remove_root "${root%/}"; fi; done
      rm -rf --one-file-system "$LUMOS_HOME" ;;
    *) usage "unknown: clean $1" ;;
  esac
}

# Debian serves newest versions only, so the lock says what was built with, not what will be installed.
lock() {
  local root new; root=$(root_path)
  case ${1:-} in
    "") ;;
    fresh) root=$LUMOS_HOME/root-fresh-$$ ;;
    *) usage "unknown: lock $1" ;;
  esac
  require_privilege
  [ -d "$root" ] || build_root "$root"
  cp "$root/packages.actual" "$platform/packages.lock"
  if [ -f "$root/setup.cost" ]; then cp "$root/setup.cost" "$platform/setup.cost"; fi
  new=$(root_path)
  if [ ! -d "$new" ]; then mv -T "$root" "$new"; elif [ "$root" != "$new" ]; then lock_roots; remove_root "$root"; fi
  say "platform/packages.lock has $(wc -l <"$platform/packages.lock") packages; the root is $new"
}
