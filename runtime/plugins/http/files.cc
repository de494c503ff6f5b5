#include "runtime/plugins/http/files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "runtime/net/http/response.h"

namespace rr::http {
namespace {

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".avif", "image/avif"},
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".htm", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".xml", "text/xml; charset=utf-8"},
};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decoded path relative to the folder; empty when it is none a file is served for.
std::string decoded(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%' && i + 2 < path.size() && hex(path[i + 1]) >= 0 && hex(path[i + 2]) >= 0) {
      c = static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2]));
      i += 2;
    }
    if (c == '\0') return {};
    if (c == '.' && (out.empty() || out.back() == '/')) return {};  // hidden, "." and ".."
    if (c == '/' && out.empty()) continue;
    out += c;
  }
  return out;
}

std::string_view extension(std::string_view path) {
  const auto slash = path.rfind('/');
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  return path.substr(dot);
}

bool is_php(std::string_view ext) {
  return ext.size() >= 4 && net::http::equals_ignoring_case(ext.substr(0, 4), ".php");
}

// A file's bytes in memory; unmapped when the last of them is sent.
struct Mapping {
  void* address;
  std::size_t size;
};

}  // namespace

Files::Files(std::string folder) : folder_(std::move(folder)) {}

bool Files::answer(net::http::Transaction& transaction) const {
  const HttpRequest& request = transaction.request();
  const std::string_view method = request(request.head.method);
  if (method != "GET" && method != "HEAD") return false;
  const std::string path = decoded(request(request.head.path));
  const std::string_view ext = extension(path);
  if (path.empty() || is_php(ext)) return false;

  const int root = open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return false;
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH;  // no link leads out of the folder
  const int file = static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  close(root);
  if (file < 0) return false;
  struct stat info {};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(file);
    return false;
  }
  std::string_view type =
      "application/octet-stream";  // never looked into: the file may shrink meanwhile
  for (const auto& [known, value] : kTypes) {
    if (net::http::equals_ignoring_case(ext, known)) type = value;
  }
  const HeaderView header{"Content-Type", type};
  const HttpResponseHead head{.status = 200, .headers = {&header, 1}};
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) {
    close(file);
    transaction.answer_at_once(head, {});
    return true;
  }
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (address == MAP_FAILED) return false;
  if (!transaction.begin()) {
    munmap(address, size);
    return true;
  }
  transaction.respond(head, {.bytes = {static_cast<const char*>(address), size},
                             .release =
                                 [](void* owner) {
                                   auto* mapping = static_cast<Mapping*>(owner);
                                   munmap(mapping->address, mapping->size);
                                   delete mapping;
                                 },
                             .owner = new Mapping{address, size}});
  return true;
}

}  // namespace rr::http
