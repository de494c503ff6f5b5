# ./dev sanitize [asan|tsan]
#
# libphp is not instrumented: TSan ignores what happens inside of it, and what it allocates for
# good is no leak of ours.
command_sanitize() {
  local preset presets=(asan tsan)
  [ $# -eq 0 ] || presets=("$@")
  export RR_LONG=0
  export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:strict_string_checks=1}
  export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
  export TSAN_OPTIONS=${TSAN_OPTIONS:-ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1}
  step_group=sanitize
  for preset in "${presets[@]}"; do
    build_preset "$preset" test
    export RR_SANITIZER=$preset # Storms and tests take smaller numbers.
    step "$preset-cpp" tests/cpp ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)"
  done
  finish_steps
}
