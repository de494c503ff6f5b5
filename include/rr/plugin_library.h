// A plugin in a library of its own, loaded by the key `plugins` of the configuration:
//
//   plugins: [/usr/lib/rr-embed/request_id.so]
//
// The library says once what it has:
//
//   RR_PLUGIN_LIBRARY(registry) { registry.add<RequestIdPlugin>("request_id", "request_id"); }
//
// It is built against these headers only, by the same kind of compiler as the server, and uses the
// server's functions behind them: nothing is linked to it. Its plugins are initialised before the
// built-in ones that they do not need.
#pragma once

#include "rr/plugin.h"

// Changes with every incompatible change of these headers.
#define RR_PLUGIN_ABI 2

#define RR_PLUGIN_TEXT_OF(value) #value
#define RR_PLUGIN_TEXT(value) RR_PLUGIN_TEXT_OF(value)
// What server and library must have in common, word for word.
#define RR_PLUGIN_BUILT_FOR                                                      \
  "rr-embed plugins " RR_PLUGIN_TEXT(RR_PLUGIN_ABI) ", C++ ABI " RR_PLUGIN_TEXT( \
      __GXX_ABI_VERSION) ", libstdc++ strings " RR_PLUGIN_TEXT(_GLIBCXX_USE_CXX11_ABI)

// Two functions of C: what the library was built for, and what is in it.
#define RR_PLUGIN_LIBRARY(registry)                                                     \
  extern "C" __attribute__((visibility("default"))) const char* rr_plugin_built_for() { \
    return RR_PLUGIN_BUILT_FOR;                                                         \
  }                                                                                     \
  extern "C" __attribute__((visibility("default"))) void rr_plugin_register(            \
      rr::PluginRegistry& registry)
