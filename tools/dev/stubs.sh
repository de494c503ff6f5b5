#!/usr/bin/env bash
# Writes the *_arginfo.h of every *.stub.php in ext/ anew, with the generator that PHP installs.
#
#   tools/dev/stubs.sh PREFIX     of the PHP whose generator it is
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prefix=$1
work=$root/build/stubs
mkdir -p "$work"
cp "$prefix/lib/php/build/gen_stub.php" "$work/"
# The parser it needs, by Composer: the generator itself would ask another place for it.
version=$(sed -n 's/^ *\$version = "\(.*\)";$/\1/p' "$work/gen_stub.php" | head -1)
if [ ! -e "$work/PHP-Parser-$version" ]; then
  (cd "$work" && COMPOSER_ALLOW_SUPERUSER=1 composer require -q --no-interaction "nikic/php-parser:$version")
  ln -sfn vendor/nikic/php-parser "$work/PHP-Parser-$version"
fi
for stub in "$root"/ext/*.stub.php "$root"/ext/*/*.stub.php; do
  "$prefix/bin/php" -n "$work/gen_stub.php" "$stub"
done
