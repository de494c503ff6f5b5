#include "runtime/plugins/http/files.h"

#include <string>
#include <utility>

#include "runtime/net/files/content_types.h"
#include "runtime/net/files/file_answer.h"
#include "runtime/net/http/response.h"

namespace rr::http {
namespace {

namespace files = net::files;

bool hidden(std::string_view path) {
  return path.empty() || path.front() == '.' || path.find("/.") != std::string_view::npos;
}

bool is_php(std::string_view extension) {
  return extension.size() >= 4 && net::http::equals_ignoring_case(extension.substr(0, 4), ".php");
}

}  // namespace

Files::Files(std::string folder) : store_({.folder = std::move(folder)}) {}

bool Files::answer(net::http::Transaction& transaction) {
  const HttpRequest& request = transaction.request();
  const std::string_view method = request(request.head.method);
  if (method != "GET" && method != "HEAD") return false;
  const std::string path = files::decoded_path(request(request.head.path));
  if (hidden(path) || is_php(files::extension_of(path))) return false;
  const auto opened = store_.open(path);
  if (opened.outcome != files::FileStore::Outcome::opened) return false;
  if (transaction.begin()) files::answer_with_file(transaction, *opened.file, {});
  return true;
}

}  // namespace rr::http
