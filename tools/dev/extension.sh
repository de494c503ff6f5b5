#!/usr/bin/env bash
# Builds rr_embed.so, from the files that package.xml packs alone, for the ZTS PHP of the server and for the
# distribution's PHP, into build/extension/. Prints a line "PHP SO" for each. Quick when nothing has changed.
#
#   tools/dev/extension.sh PREFIX [PROGRAM]     PREFIX: of the ZTS PHP; PROGRAM: php of another one, default php
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
prefix=$1
program=${2:-$(command -v php)}
folder=$root/build/extension
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# The tools of the PHP whose phpize and php-config these are, in a place of ours: Debian's sources leave a
# mark in them that only its own packages fill in.
tools_of() { # NAME PHPIZE PHP_CONFIG
  local tool name
  for tool in "phpize=$2" "php-config=$3"; do
    name=$folder/$1/tools/${tool%%=*}
    mkdir -p "$(dirname "$name")"
    if grep -q '@DEBIAN_PHP_API@' "${tool#*=}"; then
      sed 's|/\?@DEBIAN_PHP_API@||; s|^aclocaldir=.*|aclocaldir=/usr/share/aclocal|' "${tool#*=}" >"$name"
    else
      cp "${tool#*=}" "$name"
    fi
    chmod +x "$name"
  done
}

build() { # NAME PHP
  local source=$folder/$1/source tools=$folder/$1/tools log=$folder/$1/log configured
  local compilers=()
  ! command -v ccache >/dev/null || compilers=(CC='ccache gcc' CXX='ccache g++')
  mkdir -p "$source"
  "$here/package_xml.py" --copy "$source"
  # The tests' list changes nothing that is compiled.
  configured=$(cat "$source/config.m4" "$tools"/* | sha256sum)
  (
    cd "$source"
    if [ "$configured" != "$(cat ../configured 2>/dev/null)" ]; then
      "$tools/phpize" && ./configure -q --with-php-config="$tools/php-config" "${compilers[@]}" || exit 1
      echo "$configured" >../configured
    fi
    make -j"$(nproc)"
  ) >"$log" 2>&1 </dev/null || { grep -A6 "error" "$log" | cut -c1-300 | head -40 >&2; echo "extension: log: $log" >&2; return 1; }
  if grep -E '(ext|runtime)/.*warning:' "$log" >&2; then return 1; fi
  echo "$2 $source/modules/rr_embed.so"
}

tools_of zts "$prefix/bin/phpize" "$prefix/bin/php-config"
build zts "$prefix/bin/php"

# phpize8.2 of the program that is php8.2, be another one the default or not.
version=$("$program" -n -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
phpize=$(command -v "phpize$version" || command -v phpize || true)
config=$(command -v "php-config$version" || command -v php-config || true)
if [ -z "$phpize" ] || [ -z "$config" ]; then
  echo "extension: no phpize for $program: install the distribution's php-dev" >&2
  exit 1
fi
tools_of other "$phpize" "$config"
build other "$program"
