#!/usr/bin/env bash
# Prints the prefix of a ZTS PHP with an embeddable libphp.so; builds it when there is none.
#
# RR_EMBED_PHP_PREFIX wins. Else PHP is built once, from the distribution's signed source
# package, into a cache of the user's: PHP's version and a hash of everything below that
# decides how it is built name the folder. Progress goes to stderr; the last line of stdout
# is the prefix.
#
#   tools/dev/php.sh            the prefix, built if need be
#   tools/dev/php.sh --cached   the prefix if it is there already; exit 1, silent, if not
#   tools/dev/php.sh --fresh    look for a newer version even if one is built already
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rr-embed/php
stamp=.rr-embed-built

# Newest first. 8.5 comes last until the project is tested with it.
branches=(8.4 8.3 8.2 8.5)

# Suites by age: of these, the machine's own and the newer ones are asked for sources.
suites_debian=(bookworm trixie forky sid)
suites_ubuntu=(jammy noble plucky questing resolute)

# What decides how PHP is built; a change of any word here is a new folder in the cache.
cflags="-O2"
library_folder=/usr/share/php # The distribution's PHP libraries: on the include path.
configure_flags=(
  --enable-embed=shared --enable-zts
  --enable-zend-max-execution-timers --disable-zend-signals
  --disable-cgi --disable-phpdbg --without-pear
  --enable-opcache
  --enable-mbstring --enable-intl --enable-bcmath --enable-exif
  --enable-sockets --enable-pcntl
  --with-curl --with-openssl --with-sodium --with-zip --with-zlib --with-readline
  --enable-mysqlnd --with-mysqli=mysqlnd --with-pdo-mysql=mysqlnd
  --with-mysql-sock=/run/mysqld/mysqld.sock
  --with-pgsql --with-pdo-pgsql
)
# What an application must find, compiled in or on by default: checked before the build counts.
needed_extensions=(
  bcmath ctype curl dom exif fileinfo iconv intl json mbstring mysqli mysqlnd openssl pcntl
  pdo_mysql pdo_pgsql pdo_sqlite pgsql phar posix readline session simplexml sockets sodium
  sqlite3 tokenizer xml xmlreader xmlwriter zip zlib
)

say() { printf 'php: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

system() { # ID, VERSION_ID, VERSION_CODENAME of /etc/os-release
  (. /etc/os-release && printf '%s' "${!1:-}")
}

flags_hash() {
  # The system is part of it: a home may be shared by machines with other sonames.
  printf '%s\n' "$cflags" "$library_folder" "${configure_flags[@]}" \
    "$(system ID) $(system VERSION_ID) $(uname -m)" | sha256sum | cut -c1-10
}

# --- A PHP that is there already ---

check_given_prefix() { # Ends the script unless folder $1 holds a PHP we can embed.
  local config=$1/include/php/main/php_config.h
  [ -e "$1/lib/libphp.so" ] ||
    die "RR_EMBED_PHP_PREFIX=$1 has no lib/libphp.so (PHP must be configured with --enable-embed=shared)"
  [ -e "$config" ] || die "RR_EMBED_PHP_PREFIX=$1 has no headers (include/php/main/php_config.h)"
  grep -q '^#define ZTS 1' "$config" ||
    die "RR_EMBED_PHP_PREFIX=$1 is not thread safe (PHP must be configured with --enable-zts)"
}

find_built() { # Prints the best finished prefix of these flags, if any.
  local branch prefix
  for branch in "${branches[@]}"; do
    while read -r prefix; do
      [ -e "$prefix/$stamp" ] && [ -e "$prefix/lib/libphp.so" ] && { echo "$prefix"; return 0; }
    done < <(compgen -G "$cache/$branch.*-$hash" | sort -rV)
  done
  return 1
}

# --- Sources ---

# Every call of apt goes through here: its own list of sources, its own lists, its own cache,
# so that the user's configuration stays as it is. Proxies and the like still come from there.
private_apt() {
  "$1" -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root \
    -o APT::Update::Post-Invoke-Success::= -o Acquire::Retries=1 -o Acquire::http::Timeout=30 \
    "${@:2}"
}

machine_targets() { # URI, release and component of each package list of the distribution's own.
  local id=$1 targets
  targets=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT) $(SOURCESENTRY)' \
    'Created-By: Packages')
  if [ -z "$targets" ]; then
    # Slim images ship without lists, and without them apt names no target.
    mkdir -p "$apt/machine/partial"
    apt-get -o Dir::State::lists="$apt/machine" -o APT::Sandbox::User=root \
      -o APT::Update::Post-Invoke-Success::= update >>"$log" 2>&1 || true
    targets=$(apt-get -o Dir::State::lists="$apt/machine" indextargets \
      --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT) $(SOURCESENTRY)' 'Created-By: Packages')
  fi
  awk -v id="$id" 'tolower($1) == id { print $2, $3, $4, $5 }' <<<"$targets" | sort -u
}

keyring_of() { # The keyring that the machine trusts for the entry $1, "file:number".
  local file=${1%:*} key=
  if [ -r "$file" ]; then
    key=$(grep -oiP '(^Signed-By:\s*|signed-by=)\K/[^\s\]]+' "$file" | head -1 || true)
  fi
  if [ -z "$key" ]; then
    key=$(compgen -G "/usr/share/keyrings/$(system ID)-archive-keyring.*" | grep -E '\.(gpg|pgp)$' | head -1 || true)
  fi
  echo "$key" # Empty: apt then takes the machine's trusted keys.
}

write_sources_list() {
  local id codename suites uri release component entry key suite on tail
  id=$(system ID) codename=$(system VERSION_CODENAME)
  case $id in
    debian) suites=("${suites_debian[@]}") ;;
    ubuntu) suites=("${suites_ubuntu[@]}") ;;
    *) die "no recipe for the sources of '$id'; set RR_EMBED_PHP_PREFIX to a ZTS PHP with libphp.so" ;;
  esac
  machine_targets "$id" | while read -r uri release component entry; do
    case $component in main | universe) ;; *) continue ;; esac
    # "bookworm-security" and "stable-security" both mean the suite's codename and a tail.
    tail=${release#"${release%%-*}"}
    case $tail in '' | -updates | -security) ;; *) continue ;; esac
    key=$(keyring_of "$entry")
    echo "deb-src ${key:+[signed-by=$key] }$uri $codename$tail $component"
    on=
    for suite in "${suites[@]}"; do
      case $on$suite$tail in
        newer:sid-*) ;; # Unstable has neither updates nor security.
        newer:*) echo "deb-src ${key:+[signed-by=$key] }$uri $suite$tail $component" ;;
      esac
      if [ "$suite" = "$codename" ]; then on=newer:; fi
    done
  done | sort -u >"$apt/sources.list"
  [ -s "$apt/sources.list" ] ||
    die "apt names no package list of $id: is there a network? (log: $log)"
}

list_candidates() { # "package version", the best first.
  local branch
  for branch in "${branches[@]}"; do
    private_apt apt-cache showsrc --only-source "php$branch" 2>/dev/null |
      awk -v p="php$branch" '/^Package:/ { name = $2 } /^Version:/ && name == p { print $2 }' | sort -u |
      while read -r version; do
        printf '%s %s\n' "php$branch" "$version"
      done | sort_by_debian_version
  done
}

sort_by_debian_version() { # Newest first; a handful of lines.
  local lines=() line i
  while read -r line; do
    for ((i = 0; i < ${#lines[@]}; i++)); do
      dpkg --compare-versions "${line#* }" gt "${lines[i]#* }" && break
    done
    lines=("${lines[@]:0:i}" "$line" "${lines[@]:i}")
  done
  [ ${#lines[@]} = 0 ] || printf '%s\n' "${lines[@]}"
}

download() { # Leaves the unpacked source in $work/source and its version in $version.
  local package candidate output
  local -a found=()
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$work/download"
  say "asking the distribution for PHP's sources"
  write_sources_list
  # Suites that a mirror does not have fail alone; what was fetched counts.
  run "reading the lists of sources" private_apt apt-get update || true
  mapfile -t found < <(list_candidates)
  [ ${#found[@]} -gt 0 ] || die "no source package of PHP ${branches[*]} found: is there a network? (log: $log)"
  for candidate in "${found[@]}"; do
    package=${candidate% *} version=${candidate#* }
    output=$work/download.log
    if (cd "$work/download" && private_apt apt-get source --only-source --download-only \
        "$package=$version") >"$output" 2>&1; then
      cat "$output" >>"$log"
      say "$package $version downloaded"
      run "unpacking" dpkg-source -x "$work/download/"*.dsc "$work/source" || die "cannot unpack $package $version (log: $log)"
      return 0
    fi
    cat "$output" >>"$log"
    say "$package $version cannot be downloaded ($(failure_in "$output")), trying the next"
    rm -rf "$work/download"/*
  done
  die "none of these source packages could be downloaded (log: $log)"
}

failure_in() { # apt's reason in a few words.
  local reason
  reason=$(grep -m1 -E '^(Err:|E:)' -A1 "$1" | grep -oE '[0-9]{3} +[A-Z][A-Za-z ]+|Could not .*|Hash Sum mismatch|Temporary failure.*' | head -1 | sed 's/ *$//' || true)
  [ -n "$reason" ] || reason=$(grep -m1 '^E:' "$1" || true)
  echo "${reason:-unknown reason}" | tr -s ' ' | cut -c1-80
}

# --- Build ---

run() { # TITLE COMMAND…
  local title=$1
  shift
  run_logged "php: $title" "$log" "$@"
}

compiled_files() { # of the log $1
  printf '%s of %s files' "$(grep -c -- '--mode=compile' "$1" || true)" "$total"
}

build() { # From $work/source into $prefix, which appears in one step and complete.
  local cc=gcc cxx=g++ total
  if command -v ccache >/dev/null; then cc="ccache gcc" cxx="ccache g++"; fi
  cd "$work/source"
  # The folder's name changes from run to run; ccache is not to mind.
  export CCACHE_BASEDIR=$work/source CCACHE_NOHASHDIR=1
  if [ ! -x configure ]; then
    run "preparing configure" ./buildconf --force || fail "buildconf"
  fi
  run "configuring" env CC="$cc" CXX="$cxx" CFLAGS="$cflags" CXXFLAGS="$cflags" \
    PEAR_INSTALLDIR="$library_folder" ./configure --prefix="$prefix" \
    --with-config-file-path="$prefix/etc" --with-config-file-scan-dir="$prefix/etc/conf.d" \
    "${configure_flags[@]}" || fail "configure"
  total=$(make -n 2>/dev/null | grep -c -- '--mode=compile' || true)
  progress_hint=compiled_files run "compiling" make -j"$(nproc)" || fail "make"
  run "installing" make install INSTALL_ROOT="$work/stage" || fail "make install"

  local staged=$work/stage$prefix
  mkdir -p "$staged/etc/conf.d"
  if compgen -G "$staged/lib/php/extensions/*/opcache.so" >/dev/null; then
    echo "zend_extension=opcache" >"$staged/etc/conf.d/10-opcache.ini"
  fi
  # Debian's patched default is a folder that only its own packages create; this is PHP's own.
  echo 'session.save_path=""' >"$staged/etc/conf.d/20-session.ini"
  # Debian's own build fills this in, for a place that we do not have: phpize must find its files.
  sed -i 's|/\?@DEBIAN_PHP_API@||; s|^aclocaldir=.*|aclocaldir=/usr/share/aclocal|' "$staged/bin/phpize" "$staged/bin/php-config"
  rm -rf "$prefix"
  mkdir -p "$(dirname "$prefix")"
  mv "$staged" "$prefix"
  check_built || fail "the check of what was built"
  echo "$version" >"$prefix/$stamp"
}

check_built() {
  "$prefix/bin/php" -r '
    $missing = array_filter(array_slice($argv, 2), fn($e) => !extension_loaded($e));
    if ($missing) { fwrite(STDERR, "extensions missing: " . implode(" ", $missing) . "\n"); exit(1); }
    if (!PHP_ZTS) { fwrite(STDERR, "not thread safe\n"); exit(1); }
    if (!extension_loaded("Zend OPcache")) { fwrite(STDERR, "no opcache\n"); exit(1); }
    if (!in_array($argv[1], explode(":", get_include_path()))) {
      fwrite(STDERR, "include_path is " . get_include_path() . "\n"); exit(1);
    }' "$library_folder" "${needed_extensions[@]}" >>"$log" 2>&1 && [ -e "$prefix/lib/libphp.so" ]
}

fail() {
  say "$1 failed; the log's last lines:"
  tail -15 "$log" >&2
  die "log: $log"
}

remove_work() {
  # Twice: a compiler that is just ending may still write a file.
  [ -z "$work" ] || rm -rf "$work" 2>/dev/null || rm -rf "$work"
}

hash=$(flags_hash)
mode=${1:-}
if [ -n "${RR_EMBED_PHP_PREFIX:-}" ]; then
  check_given_prefix "$RR_EMBED_PHP_PREFIX"
  echo "$RR_EMBED_PHP_PREFIX"
  exit 0
fi
if [ "$mode" != --fresh ] && find_built; then exit 0; fi
[ "$mode" != --cached ] || exit 1

start=$SECONDS
"$here/packages.sh" php
mkdir -p "$cache"
exec 9>"$cache/lock"
if ! flock -n 9; then
  say "another run builds PHP, waiting for it (log: $cache/build.log)"
  flock 9 & # Not in the foreground, where a signal to us would wait for the lock too.
  background_jobs+=($!)
  wait $!
  background_jobs=()
  if find_built; then exit 0; fi
fi
log=$cache/build.log
apt=$cache/apt
: >"$log"
rm -rf "$cache"/work.* || true # Of runs that were killed.
work=$(mktemp -d "$cache/work.XXXXXX")
cleanup_hooks+=(remove_work)

say "building a thread-safe PHP once for this user (about 10 minutes on 2 cores); log: $log"
download
upstream=${version%-*}
prefix=$cache/${upstream#*:}-$hash
if [ -e "$prefix/$stamp" ]; then # --fresh, and nothing is newer
  echo "$prefix"
  exit 0
fi
build
say "PHP ${upstream#*:} built in $((SECONDS - start)) s"
echo "$prefix"
