# ./dev reference

command_reference() {
  local binary
  build_preset dev
  binary=$RR_BIN
  "$binary" __reference >docs/reference.md
  "$binary" __reference --schema >docs/rr-embed.schema.json
}
