#!/usr/bin/env bash
# Installs what is missing of the Debian/Ubuntu packages that a purpose needs.
#
#   tools/dev/packages.sh build php test        any of: build php test lint bench fuzz
#
# Quick when nothing is missing (one dpkg-query). Uses sudo when not root; without either it
# prints the line to run and fails. Services that a package would start stay down.
set -euo pipefail

# "a|b" means a where the distribution has it, else b.
packages_of() {
  case $1 in
    build) echo g++ procps util-linux cmake ninja-build ccache mold pkg-config 'libboost1.81-dev|libboost-dev' \
      nlohmann-json3-dev libyaml-cpp-dev libcli11-dev libgtest-dev libgmock-dev \
      libssl-dev libnghttp2-dev libngtcp2-dev libngtcp2-crypto-gnutls-dev libnghttp3-dev libgnutls28-dev \
      zlib1g-dev libbrotli-dev libzstd-dev libre2-dev \
      liblmdb-dev libhiredis-dev libmemcached-dev prometheus-cpp-dev ;;
    php) echo gcc g++ make ccache dpkg-dev pkg-config autoconf automake libtool bison re2c xz-utils \
      libxml2-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev libonig-dev libicu-dev libpq-dev \
      libzip-dev libsodium-dev libreadline-dev zlib1g-dev ;;
    # php-cli plays the process workers; php-fpm behind nginx is the reference of classic mode.
    test) echo python3 composer unzip curl git php-cli php-mbstring php-xml php-curl php-sqlite3 \
      php-dev php-pear php-laravel-framework nginx php-fpm openssl nghttp2-client ngtcp2-client redis-server memcached pebble ;;
    lint) echo 'clang-format-14|clang-format' 'clang-tidy-14|clang-tidy' composer unzip php-cli \
      php-mbstring php-xml ;;
    bench) echo wrk openssl nghttp2-client nginx php-fpm php-cli composer unzip ;;
    fuzz) echo 'clang-14|clang' 'libclang-rt-14-dev|libclang-rt-dev' ;;
    *) echo "packages: unknown purpose '$1'" >&2; return 1 ;;
  esac
}

say() { printf 'packages: %s\n' "$*" >&2; }

installed_among() { # Prints those of the packages that are installed.
  dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^ii *|//p' || true
}

missing() { # Prints the wanted entries of which no alternative is installed.
  local entry name found
  local -A have=()
  while read -r name; do have[$name]=1; done < <(installed_among ${wanted//|/ })
  for entry in $wanted; do
    found=
    for name in ${entry//|/ }; do [ -z "${have[$name]:-}" ] || found=1; done
    [ -n "$found" ] || echo "$entry"
  done
}

choose() { # Of each entry the first alternative that apt knows, else its last.
  local entry name
  for entry in "$@"; do
    for name in ${entry//|/ }; do
      if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then break; fi
    done
    echo "$name"
  done
}

# Until the script ends, the servers that tests and bench run themselves are not started by their
# packages: the usual way of Debian, a policy-rc.d that says no. One that is there already is the
# machine's own and stays. A server that runs now is somebody's: it is restarted as ever.
policy=/usr/sbin/policy-rc.d
policy_mark='rr-embed tools/dev/packages.sh: for the time of one installation'

keep_services_down() {
  local units=
  [ ! -e "$policy" ] || grep -q "$policy_mark" "$policy" || return 0
  pgrep -x nginx >/dev/null || units+='nginx|'
  pgrep php-fpm >/dev/null || units+='php*-fpm|'
  pgrep -x redis-server >/dev/null || units+='redis-server|'
  pgrep -x memcached >/dev/null || units+='memcached|'
  [ -n "$units" ] || return 0
  trap '$sudo rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n# %s\ncase $1 in %s) exit 101 ;; esac\nexit 0\n' "$policy_mark" "${units%|}" |
    $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
}

# The policy stops the start at once; this the one at the next boot.
disable_new_services() {
  local name unit
  command -v systemctl >/dev/null || return 0
  for name in "$@"; do
    case $name in
      nginx | redis-server | memcached) unit=$name.service ;;
      php-fpm) unit=$(cd /lib/systemd/system && compgen -G 'php*-fpm.service' | head -1 || true) ;;
      *) continue ;;
    esac
    [ -z "$unit" ] || systemctl is-active --quiet "$unit" ||
      $sudo systemctl disable "$unit" >/dev/null 2>&1 || true
  done
}

wanted=$(for purpose in "$@"; do packages_of "$purpose" || exit 1; done | tr ' ' '\n' | sort -u)
mapfile -t lacking < <(missing)
[ ${#lacking[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { say "this is not Debian or Ubuntu; needed: ${lacking[*]}"; exit 1; }
mapfile -t names < <(choose "${lacking[@]}")
sudo=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    say "packages are missing; as root, run:"
    echo "apt-get update && apt-get install --no-install-recommends -y ${names[*]}" >&2
    exit 1
  fi
  sudo=sudo
fi

log=${XDG_CACHE_HOME:-$HOME/.cache}/rr-embed/packages.log
mkdir -p "$(dirname "$log")"
started=$SECONDS
keep_services_down
say "installing ${names[*]} (log: $log)"
{
  $sudo apt-get -o DPkg::Lock::Timeout=300 update || true # An older list may do.
} >"$log" 2>&1
mapfile -t names < <(choose "${lacking[@]}") # Now that the lists are there.
if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
  install -y --no-install-recommends "${names[@]}" >>"$log" 2>&1 </dev/null; then
  grep -E '^E:' "$log" | head -5 >&2 || true
  say "apt-get could not install them (log: $log)"
  exit 1
fi
disable_new_services "${names[@]}"
say "installed in $((SECONDS - started)) s"
