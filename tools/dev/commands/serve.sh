# ./dev serve [ARGUMENTS FOR rr-embed serve]
command_serve() {
  build_preset dev
  cd examples/hello
  say_when_up $$ &
  exec "$RR_BIN" serve "$@"
}

say_when_up() { # PID of the server
  while sleep 0.2 && kill -0 "$1" 2>/dev/null; do
    (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null || continue
    echo "Open http://127.0.0.1:8080 (Ctrl+C ends it); then change a script in examples/hello and run \`build/dev/rr-embed reset -c examples/hello/.rr.yaml\` in another terminal." >&2
    return
  done
}
