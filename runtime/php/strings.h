// Strings of the engine that every thread may use: interned, allocated outside any request heap,
// hash computed, never freed. Made once, then only read.
#pragma once

#include "runtime/php/engine_headers.h"

namespace rr::php {

// The same string for the same text. Any thread; not for the hot path.
zend_string* make_immortal(std::string_view text);

// Names and values that $_SERVER is full of.
struct Strings {
  zend_string *request_method, *request_uri, *query_string, *document_root, *server_protocol,
      *request_scheme, *gateway_interface, *server_software, *remote_addr, *remote_port,
      *server_addr, *server_port, *server_name, *content_type, *content_length, *script_name,
      *script_filename, *path_info, *php_self, *https, *path_translated;
  zend_string *http10, *http11, *http2, *http3, *cgi11, *http, *https_scheme, *on, *software;
  zend_string *get, *head, *post, *put, *patch, *del, *options;
  zend_string *server, *get_global, *post_global, *cookie_global, *files_global, *request_global,
      *env_global, *session_global;
  std::vector<std::pair<zend_string*, zend_string*>> environment;  // of the process, at start
};
const Strings& strings();
void make_strings();  // once, before threads

// "User-Agent" → HTTP_USER_AGENT. Null: not for scripts (underscore in the name, Proxy). Otherwise
// an immortal string, or a new one of the request heap when `*fresh` is set.
zend_string* header_key(std::string_view name, bool* fresh);

}  // namespace rr::php
