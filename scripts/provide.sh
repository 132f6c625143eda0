# What scripts/setup and scripts/setup-tests share: packages from Debian, and files out of npm's packages.
# Sourced in the repository's folder.

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
stop() { say "$@" >&2; exit 1; }

# What is missing is installed, all at once, where that is allowed, and named where it is not.
debian() { # package…
  [ $# -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    stop "please install the packages $* and run this again (or run it as root, and it installs them)"
  fi
  say "installing $*"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >/dev/null
}

# Puts files in their places that are not there yet or have another checksum than the pinned one.
# Reads lines: file · package@version · path inside the package · sha256.
npm_files() {
  local list file package path sum folder
  list=$(cat)
  has_sums "$list" && return
  while read -r file package path sum; do
    has_sums "$file $package $path $sum" && continue
    folder=$(unpacked "$package")
    has_sums "$folder/$path $package $path $sum" ||
      stop "$path of $package has another checksum than the pinned one: delete .cache/npm and run this again"
    mkdir -p "$(dirname "$file")"
    cp "$folder/$path" "$file"
  done <<<"$list"
}

has_sums() { # lines as above
  while read -r file _ _ sum; do
    printf '%s  %s\n' "$sum" "$file"
  done <<<"$1" | sha256sum --check --status 2>/dev/null
}

unpacked() { # package@version → the unpacked folder, from the cache when it is there
  local folder=".cache/npm/${1//\//_}" packed
  if [ ! -f "$folder/.complete" ]; then
    command -v npm >/dev/null || debian npm >&2
    say "fetching $1" >&2
    rm -rf "$folder" && mkdir -p "$folder"
    packed=$(cd "$folder" && npm pack --silent "$1" 2>/dev/null </dev/null) ||
      stop "$1 could not be fetched: is the package registry reachable?"
    tar -xzf "$folder/$packed" -C "$folder" --strip-components=1
    rm "$folder/$packed"
    touch "$folder/.complete"
  fi
  printf '%s' "$folder"
}
