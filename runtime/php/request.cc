#include "runtime/php/request.h"

#include <sys/stat.h>

#include <cstring>

#include "runtime/php/strings.h"

namespace rr::php {
namespace {

bool name_is(std::string_view name, const char* lower, std::size_t size) {
  return name.size() == size && strncasecmp(name.data(), lower, size) == 0;
}

// Reserved beforehand, so that pointers into it stay.
char* keep(std::string& scratch, std::string_view text) {
  char* at = scratch.data() + scratch.size();
  scratch.append(text);
  scratch.push_back('\0');
  return at;
}

const char* literal_method(std::string_view method) {
  for (const char* known : {"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    if (method == known) return known;
  }
  return nullptr;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes percent-encoding and takes out "." and ".." segments. False: leaves the root, or holds
// NUL. Repeated slashes stay, as nginx with merge_slashes off.
bool clean_path(std::string_view path, std::string& out) {
  std::string decoded;
  std::string_view text = path;
  if (path.find('%') != std::string_view::npos) {
    decoded.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == '%' && i + 2 < path.size() && hex(path[i + 1]) >= 0 && hex(path[i + 2]) >= 0) {
        decoded.push_back(static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2])));
        i += 2;
      } else {
        decoded.push_back(path[i]);
      }
    }
    text = decoded;
  }
  if (text.find('\0') != std::string_view::npos) return false;
  out.clear();
  if (text.find("/.") == std::string_view::npos) {
    out.assign(text);
    return !out.empty() && out.front() == '/';
  }
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = text.find('/', i + 1);
    if (end == std::string_view::npos) end = text.size();
    std::string_view segment = text.substr(i, end - i);  // with its leading slash
    if (segment == "/.") {
      if (end == text.size()) out.push_back('/');
    } else if (segment == "/..") {
      std::size_t cut = out.rfind('/');
      if (cut == std::string::npos) return false;
      out.resize(cut);
      if (end == text.size()) out.push_back('/');
    } else {
      out.append(segment);
    }
    i = end;
  }
  return !out.empty() && out.front() == '/';
}

bool regular_file(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

void set(HashTable* table, zend_string* key, zend_string* immortal) {
  zval value;
  ZVAL_INTERNED_STR(&value, immortal);
  zend_hash_update(table, key, &value);
}

void set(HashTable* table, zend_string* key, std::string_view text) {
  zval value;
  ZVAL_STRINGL_FAST(&value, text.data(), text.size());
  zend_hash_update(table, key, &value);
}

void set_number(HashTable* table, zend_string* key, std::int64_t number) {
  char text[24];
  char* end = text + sizeof(text);
  char* at = end;
  std::uint64_t rest = static_cast<std::uint64_t>(number);
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest);
  set(table, key, std::string_view{at, static_cast<std::size_t>(end - at)});
}

void set_environment(State& state, HashTable* table) {
  for (const auto& [name, value] : strings().environment) set(table, name, value);
  for (const auto& [name, value] : state.config.environment) {
    zval text;
    ZVAL_STRINGL_FAST(&text, value.data(), value.size());
    zend_symtable_str_update(table, name.data(), name.size(), &text);
  }
}

zend_string* method_string(const char* method) {
  const Strings& known = strings();
  switch (method[0]) {
    case 'G':
      return method[1] == 'E' && method[2] == 'T' && !method[3] ? known.get : nullptr;
    case 'H':
      return std::strcmp(method, "HEAD") == 0 ? known.head : nullptr;
    case 'P':
      if (std::strcmp(method, "POST") == 0) return known.post;
      if (std::strcmp(method, "PUT") == 0) return known.put;
      if (std::strcmp(method, "PATCH") == 0) return known.patch;
      return nullptr;
    case 'D':
      return std::strcmp(method, "DELETE") == 0 ? known.del : nullptr;
    case 'O':
      return std::strcmp(method, "OPTIONS") == 0 ? known.options : nullptr;
  }
  return nullptr;
}

std::string_view without_port(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    std::size_t end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(0, end + 1);
  }
  std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos ? host : host.substr(0, colon);
}

}  // namespace

void request_note_texts(State& state) noexcept {
  const HttpRequest& request = *state.request;
  std::string_view method = request(request.head.method);
  state.scratch.clear();
  state.scratch.reserve(method.size() + 1);
  state.method = literal_method(method);
  if (!state.method) state.method = keep(state.scratch, method);
}

void request_prepare(State& state) {
  const HttpRequest& request = *state.request;
  const HttpHead& head = request.head;
  std::string_view method = request(head.method);
  std::string_view query = request(head.query);
  std::string_view type = request(head.content_type);
  std::string_view target = request(head.target);

  std::string_view credentials;
  state.body_read = 0;
  state.cookie.clear();
  state.answer.no_body = head.head_method;
  for (const HttpField& field : request.fields) {
    std::string_view name = request(field.name);
    if (name.size() == 6 && name_is(name, "cookie", 6)) {
      // HTTP/1.1: the last field counts, as under nginx + php-fpm; later versions split one cookie
      // header into many.
      if (head.version >= HttpVersion::http2 && !state.cookie.empty()) {
        state.cookie += "; ";
        state.cookie += request(field.value);
      } else {
        state.cookie.assign(request(field.value));
      }
    } else if (name.size() == 13 && name_is(name, "authorization", 13)) {
      credentials = request(field.value);
    }
  }

  std::string& scratch = state.scratch;
  scratch.clear();
  scratch.reserve(method.size() + query.size() + type.size() + target.size() + credentials.size() +
                  8);
  state.method = literal_method(method);
  if (!state.method) state.method = keep(scratch, method);
  state.request_uri = keep(scratch, target);

  sapi_request_info& info = SG(request_info);
  info.request_method = state.method;
  info.query_string = keep(scratch, query);
  info.content_type = type.empty() ? nullptr : keep(scratch, type);
  info.content_length = static_cast<zend_long>(request.body.size());
  info.request_uri = state.request_uri;
  info.auth_user = info.auth_password = info.auth_digest = nullptr;
  info.argc = 0;
  info.argv = nullptr;
  SG(sapi_headers).http_response_code = 200;
  SG(server_context) = &state;
  if (!credentials.empty()) php_handle_auth_data(keep(scratch, credentials));
}

void request_forget(State& state) noexcept {
  sapi_request_info& info = SG(request_info);
  info.request_method = nullptr;
  info.query_string = nullptr;
  info.content_type = nullptr;
  info.content_length = 0;
  info.request_uri = nullptr;
  info.path_translated = nullptr;
  info.cookie_data = nullptr;
  info.content_type_dup = nullptr;
}

void request_route(State& state) noexcept {
  const HttpRequest& request = *state.request;
  const std::string& root = state.config.document_root;
  std::string& file = state.script_file;
  std::string& name = state.cookie;  // borrowed as a buffer: request_prepare() fills it afterwards
  state.path_info = nullptr;
  static thread_local std::string script_name, info;

  if (clean_path(request(request.head.path), name) && name != "/") {
    // "/tool.php/extra": the first segment that ends in .php and is a file.
    for (std::size_t at = name.find(".php"); at != std::string::npos;
         at = name.find(".php", at + 1)) {
      std::size_t end = at + 4;
      if (end != name.size() && name[end] != '/') continue;
      file.assign(root).append(name, 0, end);
      if (end > 5 && regular_file(file)) {
        script_name.assign(name, 0, end);
        state.script_name = script_name.c_str();
        if (end != name.size()) {
          info.assign(name, end);
          state.path_info = info.c_str();
        }
        return;
      }
      break;
    }
    script_name.assign(name);
    if (script_name.back() != '/') script_name.push_back('/');
    script_name += "index.php";
    file.assign(root).append(script_name);
    if (regular_file(file)) {
      state.script_name = script_name.c_str();
      return;
    }
  }
  request_route_worker(state);
}

void request_route_worker(State& state) noexcept {
  static thread_local std::string script_name;
  state.script_file = state.config.script;
  std::size_t slash = state.script_file.rfind('/');
  script_name.assign("/").append(state.script_file, slash == std::string::npos ? 0 : slash + 1);
  state.script_name = script_name.c_str();
  state.path_info = nullptr;
}

void register_request_variables(State& state, zval* array) {
  const Strings& known = strings();
  const HttpRequest& request = *state.request;
  const HttpHead& head = request.head;
  HashTable* table = Z_ARRVAL_P(array);
  zend_hash_extend(
      table,
      static_cast<std::uint32_t>(known.environment.size() + state.config.environment.size() +
                                 request.fields.size() + 24),
      0);
  set_environment(state, table);

  set(table, known.query_string, request(head.query));
  if (zend_string* method = method_string(state.method)) {
    set(table, known.request_method, method);
  } else {
    set(table, known.request_method, std::string_view{state.method});
  }
  if (std::string_view type = request(head.content_type); !type.empty())
    set(table, known.content_type, type);
  if (head.content_length >= 0 || head.chunked) {
    set_number(table, known.content_length, static_cast<std::int64_t>(request.body.size()));
  }
  set(table, known.script_name, std::string_view{state.script_name});
  set(table, known.script_filename, std::string_view{state.script_file});
  set(table, known.request_uri, request(head.target));
  set(table, known.document_root, std::string_view{state.config.document_root});
  zend_string* protocol = head.version == HttpVersion::http10   ? known.http10
                          : head.version == HttpVersion::http11 ? known.http11
                          : head.version == HttpVersion::http2  ? known.http2
                                                                : known.http3;
  set(table, known.server_protocol, protocol);
  set(table, known.request_scheme, head.tls ? known.https_scheme : known.http);
  if (head.tls) set(table, known.https, known.on);
  set(table, known.gateway_interface, known.cgi11);
  set(table, known.server_software, known.software);
  set(table, known.remote_addr, request(head.remote_address));
  set_number(table, known.remote_port, head.remote_port);
  set(table, known.server_addr, request(head.local_address));
  set_number(table, known.server_port, head.local_port);
  std::string_view host = without_port(request(head.host));
  set(table, known.server_name, host.empty() ? request(head.local_address) : host);
  if (state.path_info) set(table, known.path_info, std::string_view{state.path_info});

  for (const HttpField& field : request.fields) {
    bool fresh;
    zend_string* key = header_key(request(field.name), &fresh);
    if (!key) continue;
    std::string_view text = request(field.value);
    zval value;
    if (zval* before = zend_hash_find(table, key)) {
      // Repeated: Cookie as request_prepare() takes it, others joined (RFC 9110 §5.3).
      if (zend_string_equals_literal(key, "HTTP_COOKIE")) {
        text = state.cookie;
      } else if (zend_string_equals_literal(key, "HTTP_HOST")) {
        if (fresh) zend_string_release(key);
        continue;
      } else if (Z_TYPE_P(before) == IS_STRING && field.name.offset != 0 &&
                 &field != request.fields.data()) {
        bool from_request = false;
        for (const HttpField* other = request.fields.data(); other != &field; ++other) {
          if (other->name.length == field.name.length &&
              strncasecmp(request(other->name).data(), request(field.name).data(),
                          field.name.length) == 0) {
            from_request = true;
            break;
          }
        }
        if (from_request) {
          zend_string* joined = zend_string_concat3(Z_STRVAL_P(before), Z_STRLEN_P(before), ", ", 2,
                                                    text.data(), text.size());
          ZVAL_STR(&value, joined);
          zend_hash_update(table, key, &value);
          if (fresh) zend_string_release(key);
          continue;
        }
      }
    }
    ZVAL_STRINGL_FAST(&value, text.data(), text.size());
    zend_hash_update(table, key, &value);
    if (fresh) zend_string_release(key);
  }

  if (state.path_info) {
    zval self;
    ZVAL_STR(&self, zend_string_concat2(state.script_name, std::strlen(state.script_name),
                                        state.path_info, std::strlen(state.path_info)));
    zend_hash_update(table, known.php_self, &self);
  } else {
    set(table, known.php_self, std::string_view{state.script_name});
  }
}

void register_script_variables(State& state, zval* array) {
  const Strings& known = strings();
  HashTable* table = Z_ARRVAL_P(array);
  set_environment(state, table);
  std::string_view script = state.config.script;
  set(table, known.php_self, script);
  set(table, known.script_name, script);
  set(table, known.script_filename, script);
  set(table, known.path_translated, script);
  set(table, known.document_root, std::string_view{});
}

}  // namespace rr::php
