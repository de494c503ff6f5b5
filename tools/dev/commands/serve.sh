# ./dev serve [ARGUMENTS FOR rr-embed serve]
command_serve() {
  build_preset dev
  cd examples/hello
  echo "Open http://127.0.0.1:8080 (Ctrl+C ends it); then change a script in examples/hello and run \`build/dev/rr-embed reset -c examples/hello/.rr.yaml\` in another terminal." >&2
  exec "$RR_BIN" serve "$@"
}
