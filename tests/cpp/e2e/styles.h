// The ways in which the test application (tests/apps/probe) is served: a mode of the pool, and a
// script that speaks one of the languages a worker may speak there.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server.h"

namespace rr::e2e {

enum class Speaks : std::uint8_t {
  superglobals,  // echo and header(): classic, rr_embed_handle_request()
  objects,       // RrEmbed\Http\Worker
  psr7,          // our package
  frames,        // goridge by hand
  official,      // the unmodified Spiral packages
};

struct Style {
  std::string name;    // "process_frames"
  std::string mode;    // of the pool
  std::string script;  // below tests/apps
  Speaks speaks;
  std::vector<std::string> environment;

  bool thread() const { return mode != "process"; }
  // A loop in PHP that a failure ends, rather than a script per request.
  bool loop() const { return mode != "classic"; }
};
std::ostream& operator<<(std::ostream& out, const Style& style);

// Those that can run here; says once, in a line each, what the others miss.
const std::vector<Style>& styles();
// One for each kind of worker, without Composer's help: process, embed-native, embed-goridge,
// classic.
std::vector<Style> plain_styles();
// The autoloader of the unmodified packages; empty, with a line that says so, when they are not
// there.
std::string official_autoloader();
std::string style_name(const ::testing::TestParamInfo<Style>& info);

// How a test wants the application served. Text in `pool`, `http` and `more` is YAML: flow map
// entries
// (", max_jobs: 1"), lines below `http:`, sections.
struct Serving {
  int workers = 2;
  std::string flags{};  // of php: "-d name=value"
  std::string pool{};
  std::string http{};
  std::string more{};
};
ServerOptions serve(const Style& style, const Serving& how = {});
// With one more door, "ssl" or "http3", at {port2}; its certificate is called "first".
ServerOptions serve_secured(const std::string& door, const Style& style, Serving how = {});

}  // namespace rr::e2e
