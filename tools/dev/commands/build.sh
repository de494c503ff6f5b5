# ./dev build [PRESET]
command_build() {
  build_preset "${1:-dev}"
  echo "$RR_BIN"
}
