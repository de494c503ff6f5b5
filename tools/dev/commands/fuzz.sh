# ./dev fuzz [SECONDS] [TARGET…]
#
# A target is build/fuzz/fuzz/fuzz_NAME; its corpus is fuzz/corpus/NAME, which is read only: what a
# run finds goes to build/fuzz/corpus/NAME, inputs that fail to build/fuzz/failures/.
command_fuzz() {
  local seconds=600 target targets=()
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
  build_preset fuzz
  step_group=fuzz
  mkdir -p build/fuzz/failures
  if [ $# -gt 0 ]; then
    targets=("${@/#/fuzz_}")
  else
    while read -r target; do targets+=("$(basename "$target")"); done \
      < <(find build/fuzz/fuzz -maxdepth 1 -type f -name 'fuzz_*' -executable 2>/dev/null | sort)
  fi
  [ ${#targets[@]} -gt 0 ] || { echo "dev fuzz: there are no targets yet" >&2; return 1; }
  for target in "${targets[@]}"; do step "$target" "build/fuzz/fuzz/$target" fuzz_one "$target" "$seconds"; done
  finish_steps
}

fuzz_one() { # TARGET SECONDS
  local found=build/fuzz/corpus/${1#fuzz_} seeds=fuzz/corpus/${1#fuzz_}
  mkdir -p "$found"
  "build/fuzz/fuzz/$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/failures/"$1"- "$found" $([ ! -d "$seeds" ] || echo "$seeds")
}
