# What the commands of ./dev and php.sh share: running things with a log and visible progress,
# ending them on an interrupt, and building a preset. To be sourced; expects set -euo pipefail.
#
# Everything a person reads goes to stderr; stdout carries results (paths) only.

# --- Ending what was started ---

# A background job ignores Ctrl+C, so whoever starts one notes its pid here.
background_jobs=()
cleanup_hooks=() # Functions to call at the end, whatever ends us.

end_everything() {
  local status=$? pid hook
  trap - EXIT INT TERM HUP
  for pid in "${background_jobs[@]}"; do
    # The group, where the job leads one; php.sh ends its own on TERM.
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
  done
  for hook in "${cleanup_hooks[@]}"; do "$hook" || true; done
  exit $status
}
trap end_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

forget_job() {
  local pid kept=()
  for pid in "${background_jobs[@]}"; do [ "$pid" = "$1" ] || kept+=("$pid"); done
  background_jobs=("${kept[@]}")
}

# --- Progress ---

# Runs a command with its output appended to a log and reports while it takes, as one line that
# changes on a terminal and as a line every ten seconds elsewhere.
#   run_logged TITLE LOG COMMAND…      `progress_hint`, if set, names a function printing "N of M"
run_logged() {
  local title=$1 log=$2 started=$SECONDS reported=0 status=0 hint='' job
  shift 2
  mkdir -p "$(dirname "$log")"
  printf '\n== %s: %s\n' "$title" "$*" >>"$log"
  set -m # A group of its own, so that an interrupt ends all of it.
  "$@" >>"$log" 2>&1 9>&- </dev/null &
  job=$!
  set +m
  background_jobs+=("$job")
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    if [ -t 2 ]; then
      [ -z "${progress_hint:-}" ] || hint=$($progress_hint "$log")
      printf '\r\033[K%s%s (%d s)' "$title" "${hint:+: $hint}" $((SECONDS - started)) >&2
    elif [ $((SECONDS - started - reported)) -ge 10 ]; then
      reported=$((SECONDS - started))
      [ -z "${progress_hint:-}" ] || hint=$($progress_hint "$log")
      printf '%s%s (%d s)\n' "$title" "${hint:+: $hint}" "$reported" >&2
    fi
  done
  wait "$job" || status=$?
  forget_job "$job"
  [ ! -t 2 ] || printf '\r\033[K' >&2
  return $status
}

ninja_progress() { # "[12/80] Building…" of a log's last line
  tail -c 4000 "$1" | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -1 | tr -d '[]' | sed 's|/| of |' || true
}

show_failure() { # TITLE LOG
  echo "$1 failed:" >&2
  # A compiler's first errors say more than its last notes.
  grep -E -A3 '(error|Error)( at [^:]*)?: |^FAILED:' "$2" | cut -c1-300 | head -40 >&2 || tail -30 "$2" >&2
  echo "log: $2" >&2
}

# --- Steps: a list of checks that all run, with a summary ---

step_failures=()
step_lines=()

# step NAME FOLDER COMMAND…   skipped with a line while FOLDER does not exist ('' : never)
step() {
  local name=$1 folder=$2 log=$RR_ROOT/build/logs/${step_group:-dev}/$1.log started result line
  shift 2
  if [ -n "$folder" ] && [ ! -e "$RR_ROOT/$folder" ]; then
    printf -v line '%-14s skipped: %s does not exist yet' "$name" "$folder"
    step_lines+=("$line")
    echo "$line" >&2
    return 0
  fi
  mkdir -p "$(dirname "$log")"
  : >"$log"
  started=$(date +%s%N)
  result=ok
  run_logged "$name" "$log" "$@" || result=FAILED
  printf -v line '%-14s %-7s %6.1f s  %s' "$name" "$result" \
    "$((($(date +%s%N) - started) / 100000000))e-1" "${log#"$RR_ROOT"/}"
  step_lines+=("$line")
  echo "$line" >&2
  [ "$result" = ok ] && return 0
  step_failures+=("$name")
  tail -40 "$log" | sed 's/^/    /' >&2
}

finish_steps() { # Prints the summary; the status says whether all went well.
  local failed=${#step_failures[@]}
  printf '\n%s: ' "${step_group:-dev}" >&2
  if [ "$failed" = 0 ]; then
    echo "all passed" >&2
    return 0
  fi
  echo "$failed failed: ${step_failures[*]}" >&2
  printf '  %s\n' "${step_lines[@]}" >&2
  return 1
}

# --- Building ---

# Packages and PHP. PHP's own compile runs in the background while the packages for the rest
# are fetched; $@: further purposes of packages.sh. Sets php_prefix.
prepare() {
  local php
  if php_prefix=$(tools/dev/php.sh --cached); then
    tools/dev/packages.sh build "$@"
    return
  fi
  [ -z "${RR_EMBED_PHP_PREFIX:-}" ] || return 1 # php.sh has said why
  tools/dev/packages.sh php || return 1
  tools/dev/php.sh >/dev/null &
  php=$!
  background_jobs+=("$php")
  # A failure here ends the script, and with it php.sh.
  tools/dev/packages.sh build "$@" || return 1
  wait "$php" || return 1
  forget_job "$php"
  php_prefix=$(tools/dev/php.sh --cached)
}

# The compiler's and linker's helpers, where the machine has them.
tool_options() {
  local preset=$1 compiler=g++ linker
  if [ "$preset" = fuzz ]; then
    compiler=$(command -v clang++-14 || command -v clang++)
    echo "-DCMAKE_CXX_COMPILER=$compiler"
    echo "-DCMAKE_C_COMPILER=${compiler/clang++/clang}"
  fi
  if command -v ccache >/dev/null; then
    echo -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    echo -DCMAKE_C_COMPILER_LAUNCHER=ccache
  fi
  if echo 'int main() {}' | "$compiler" -fuse-ld=mold -x c++ -o /dev/null - 2>/dev/null; then
    for linker in EXE SHARED MODULE; do echo "-DCMAKE_${linker}_LINKER_FLAGS=-fuse-ld=mold"; done
  fi
}

# Configures and builds a preset into build/PRESET; $@ after it: further purposes of packages.
build_preset() {
  local preset=$1 log=$RR_ROOT/build/logs/build-$1.log stamp=build/$1/.rr-configured options wanted
  shift
  [ "$preset" != fuzz ] || set -- fuzz "$@"
  prepare "$@" || return 1
  mkdir -p build/logs
  : >"$log"
  mapfile -t options < <(tool_options "$preset")
  options+=("-DRR_PHP_PREFIX=$php_prefix")
  wanted=$(printf '%s\n' "${options[@]}"; cat CMakePresets.json)
  if [ ! -e "build/$preset/build.ninja" ] || [ "$wanted" != "$(cat "$stamp" 2>/dev/null)" ]; then
    rm -f "$stamp"
    run_logged "configuring build/$preset" "$log" cmake --preset "$preset" "${options[@]}" ||
      { show_failure "cmake" "$log"; return 1; }
    echo "$wanted" >"$stamp"
  fi
  local targets=()
  [ "$preset" != fuzz ] || targets=(fuzzers)
  progress_hint=ninja_progress run_logged "building build/$preset" "$log" ninja -C "build/$preset" "${targets[@]}" ||
    { show_failure "the build" "$log"; return 1; }
  # What every step, test runner and harness is told.
  export RR_BIN=$RR_ROOT/build/$preset/rr-embed RR_BUILD=$RR_ROOT/build/$preset RR_PHP_PREFIX=$php_prefix
}
