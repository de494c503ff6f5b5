# ./dev test [--long]
#
# A step is a folder with an executable `run`. It is told by the environment: RR_BIN (the binary),
# RR_BUILD (its build folder), RR_PHP_PREFIX, RR_LONG (1 with --long, else 0). RR_EXTENSIONS: the extension
# as a library, lines of "PHP SO"; the first step builds it.
command_test() {
  export RR_LONG=0
  case "${1:-}" in
    '') ;;
    --long) RR_LONG=1 ;;
    *) echo "dev test: unknown option '$1'" >&2; return 2 ;;
  esac
  build_preset dev test
  step_group=test
  step cpp tests/cpp ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$(nproc)"
  step extension ext tools/dev/extension.sh "$RR_PHP_PREFIX"
  RR_EXTENSIONS=$(grep -E '^/.*\.so$' build/logs/test/extension.log || true)
  export RR_EXTENSIONS
  step phpunit php/tests run_phpunit
  step phpunit-so php/tests run_phpunit_with_the_extension
  step package package.xml tests/package/run
  step phpt tests/phpt tests/phpt/run
  step golden tests/golden tests/golden/run
  finish_steps
}

# All of it by the library, then what asks a server by the extension, in the same PHP.
run_phpunit() {
  local php extension
  php=$(command -v php)
  extension=$(sed -n "s|^$php ||p" <<<"$RR_EXTENSIONS")
  install_php_packages && RR_EMBED_EXTENSION=$extension php vendor/bin/phpunit --colors=never php/tests || return 1
  [ -z "$extension" ] || php -d "extension=$extension" vendor/bin/phpunit --colors=never php/tests/Sdk php/tests/Bridge
}

# What the library and the extension have to do alike in a process.
run_phpunit_with_the_extension() {
  local library
  library=$(tail -1 <<<"$RR_EXTENSIONS")
  [ -n "$library" ] || { echo "no extension was built"; return 1; }
  install_php_packages && RR_EMBED_SO=${library#* } php vendor/bin/phpunit --colors=never php/tests/ProcessTest.php
}

# Composer's packages for development; again only when composer.json has changed.
install_php_packages() {
  [ -e composer.json ] || return 0
  [ ! vendor/.rr-installed -nt composer.json ] || return 0
  COMPOSER_ALLOW_SUPERUSER=1 composer update --no-interaction --no-progress && touch vendor/.rr-installed
}
