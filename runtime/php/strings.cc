#include "runtime/php/strings.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

extern char** environ;

namespace rr::php {
namespace {

// Never destroyed: scripts of threads that outlive main() may hold them.
Strings& all = *new Strings;

// Keys of fields seen so far, per thread: the same few names come with every request.
struct CachedKey {
  char name[40];
  std::uint8_t size = 0;
  zend_string* key = nullptr;
};
constexpr std::size_t kCachedKeys = 128;  // a power of two
thread_local CachedKey cached_keys[kCachedKeys];

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

// False: a name that scripts must not see.
bool write_key(std::string_view name, char* out) {
  constexpr std::string_view kPrefix = "HTTP_";
  out = std::copy(kPrefix.begin(), kPrefix.end(), out);
  for (char c : name) {
    if (c == '_') return false;  // would pass for '-'
    *out++ = c == '-' ? '_' : upper(c);
  }
  return true;
}

bool is_proxy(std::string_view name) {
  return name.size() == 5 && strncasecmp(name.data(), "proxy", 5) == 0;
}

}  // namespace

zend_string* make_immortal(std::string_view text) {
  static std::mutex mutex;  // guards known
  static auto& known = *new std::map<std::string, zend_string*, std::less<>>;
  std::lock_guard lock(mutex);
  if (auto found = known.find(text); found != known.end()) return found->second;
  zend_string* string = zend_string_init(text.data(), text.size(), true);
  zend_string_hash_val(string);
  // As the engine marks its own permanent interned strings.
  known.emplace(text, string);
  GC_TYPE_INFO(string) =
      GC_STRING | ((IS_STR_INTERNED | IS_STR_PERMANENT | IS_STR_PERSISTENT) << GC_FLAGS_SHIFT);
  return string;
}

const Strings& strings() {
  return all;
}

void make_strings() {
  const std::pair<zend_string**, const char*> names[] = {
      {&all.request_method, "REQUEST_METHOD"},
      {&all.request_uri, "REQUEST_URI"},
      {&all.query_string, "QUERY_STRING"},
      {&all.document_root, "DOCUMENT_ROOT"},
      {&all.server_protocol, "SERVER_PROTOCOL"},
      {&all.request_scheme, "REQUEST_SCHEME"},
      {&all.gateway_interface, "GATEWAY_INTERFACE"},
      {&all.server_software, "SERVER_SOFTWARE"},
      {&all.remote_addr, "REMOTE_ADDR"},
      {&all.remote_port, "REMOTE_PORT"},
      {&all.server_addr, "SERVER_ADDR"},
      {&all.server_port, "SERVER_PORT"},
      {&all.server_name, "SERVER_NAME"},
      {&all.content_type, "CONTENT_TYPE"},
      {&all.content_length, "CONTENT_LENGTH"},
      {&all.script_name, "SCRIPT_NAME"},
      {&all.script_filename, "SCRIPT_FILENAME"},
      {&all.path_info, "PATH_INFO"},
      {&all.php_self, "PHP_SELF"},
      {&all.https, "HTTPS"},
      {&all.path_translated, "PATH_TRANSLATED"},
      {&all.http10, "HTTP/1.0"},
      {&all.http11, "HTTP/1.1"},
      {&all.http2, "HTTP/2.0"},
      {&all.http3, "HTTP/3.0"},
      {&all.cgi11, "CGI/1.1"},
      {&all.http, "http"},
      {&all.https_scheme, "https"},
      {&all.on, "on"},
      {&all.software, "rr-embed"},
      {&all.get, "GET"},
      {&all.head, "HEAD"},
      {&all.post, "POST"},
      {&all.put, "PUT"},
      {&all.patch, "PATCH"},
      {&all.del, "DELETE"},
      {&all.options, "OPTIONS"},
      {&all.server, "_SERVER"},
      {&all.get_global, "_GET"},
      {&all.post_global, "_POST"},
      {&all.cookie_global, "_COOKIE"},
      {&all.files_global, "_FILES"},
      {&all.request_global, "_REQUEST"},
      {&all.env_global, "_ENV"},
      {&all.session_global, "_SESSION"},
  };
  for (const auto& [slot, text] : names) *slot = make_immortal(text);
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) continue;
    std::string_view name = text.substr(0, equals);
    // Names that $_SERVER would spell differently or as a number are left to getenv().
    if (name.find_first_of(" .[") != std::string_view::npos) continue;
    if (name.find_first_not_of("0123456789") == std::string_view::npos) continue;
    all.environment.emplace_back(make_immortal(name), make_immortal(text.substr(equals + 1)));
  }
}

zend_string* header_key(std::string_view name, bool* fresh) {
  *fresh = false;
  if (name.size() < sizeof(CachedKey::name)) {
    std::size_t hash = name.size() * 31;
    for (char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    CachedKey& slot = cached_keys[(hash ^ (hash >> 7)) & (kCachedKeys - 1)];
    if (slot.size == name.size() && std::memcmp(slot.name, name.data(), name.size()) == 0)
      return slot.key;
    // Clients choose the names: the process keeps so many, later ones are made per request.
    static std::atomic<int> kept{0};
    if (slot.size == 0 && !name.empty() && kept.load(std::memory_order_relaxed) < 4096) {
      char text[sizeof(CachedKey::name) + 5];
      if (is_proxy(name) || !write_key(name, text)) return nullptr;
      slot.key = make_immortal({text, name.size() + 5});
      kept.fetch_add(1, std::memory_order_relaxed);
      std::memcpy(slot.name, name.data(), name.size());
      slot.size = static_cast<std::uint8_t>(name.size());
      return slot.key;
    }
  }
  if (is_proxy(name) || name.find('_') != std::string_view::npos) return nullptr;
  zend_string* key = zend_string_alloc(name.size() + 5, false);
  write_key(name, ZSTR_VAL(key));
  ZSTR_VAL(key)[name.size() + 5] = '\0';
  *fresh = true;
  return key;
}

}  // namespace rr::php
