# ./dev bench [--quick] [--json FILE]
command_bench() {
  build_preset dev bench
  if [ ! -x bench/run ]; then
    echo "dev bench: bench/run does not exist yet" >&2
    return 1
  fi
  exec bench/run "$@"
}
