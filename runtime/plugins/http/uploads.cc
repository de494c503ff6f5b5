#include "runtime/plugins/http/uploads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <system_error>

#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/form_tree.h"
#include "runtime/plugins/http/json_text.h"

namespace rr::http {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii::lower(c);
  return out;
}

std::vector<std::string> lower_all(const std::vector<std::string>& list) {
  std::vector<std::string> out;
  for (const std::string& item : list) out.push_back(lower(item));
  return out;
}

// From the last dot on, "" without one.
std::string extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? std::string() : lower(name.substr(dot));
}

bool among(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string default_dir() {
  const char* dir = std::getenv("TMPDIR");
  return dir != nullptr && *dir != '\0' ? dir : "/tmp";
}

std::uint32_t random_number() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return static_cast<std::uint32_t>(engine());
}

std::string leaf(const Upload& upload) {
  std::string out;
  TextWriter writer(out, 128 + upload.name.size() + upload.mime.size() + upload.path.size());
  writer.put("{\"name\":");
  write_json_string(writer, upload.name, Escape::html);
  writer.put(",\"mime\":");
  write_json_string(writer, upload.mime, Escape::html);
  writer.put(",\"size\":");
  writer.put(std::to_string(upload.size));
  writer.put(",\"error\":");
  writer.put(std::to_string(static_cast<int>(upload.error)));
  writer.put(",\"tmpName\":");
  write_json_string(writer, upload.path, Escape::html);
  writer.put('}');
  writer.finish();
  return out;
}

}  // namespace

UploadRules::UploadRules(const UploadsConfig& config, std::optional<FileOwner> owner, UploadLog log)
    : forbid_(lower_all(config.forbid)),
      allow_(lower_all(config.allow)),
      owner_(owner),
      log_(std::move(log)) {
  const std::string dir = config.dir.empty() ? default_dir() : config.dir;
  std::error_code failed;
  dir_ = std::filesystem::absolute(dir, failed).lexically_normal().string();
  if (failed) dir_ = dir;
  while (dir_.size() > 1 && dir_.ends_with('/')) dir_.pop_back();
}

bool UploadRules::forbids(std::string_view file_name) const {
  const std::string ext = extension(file_name);
  return among(forbid_, ext) || (!allow_.empty() && !among(allow_, ext));
}

void UploadRules::log(std::string_view message, std::string_view reason) const {
  if (log_) log_(message, reason);
}

Uploads::~Uploads() {
  close();
  for (const Upload& upload : list_) {
    if (upload.path.empty() || ::unlink(upload.path.c_str()) == 0 || errno == ENOENT) continue;
    rules_.log("error removing the file",
               upload.path + ": " + std::generic_category().message(errno));
  }
}

void Uploads::begin(std::string_view field, std::string_view name, std::string_view mime) {
  close();
  Upload& upload = list_.emplace_back();
  upload.field = field;
  upload.name = name;
  upload.mime = mime;
  if (rules_.forbids(name)) {
    upload.error = UploadError::extension;
  } else if (!create(upload)) {
    return;
  } else if (auto owner = rules_.owner();
             owner && ::fchown(file_, owner->user, owner->group) != 0) {
    // The worker could not read it.
    fail("error opening the file", UploadError::cannot_write, errno);
    ::unlink(upload.path.c_str());
    upload.path.clear();
  }
}

bool Uploads::create(Upload& upload) {
  constexpr int kAttempts = 10000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path = rules_.dir() + "/upload" + std::to_string(random_number());
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ >= 0) {
      upload.path = std::move(path);
      return true;
    }
    if (errno != EEXIST && errno != EINTR) break;
  }
  fail("error opening the file", UploadError::no_dir, errno);
  return false;
}

void Uploads::write(std::string_view bytes) {
  while (file_ >= 0 && !bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("error writing the file", UploadError::cannot_write, errno);
    list_.back().size += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Uploads::end() {
  close();
}

void Uploads::fail(std::string_view message, UploadError error, int code) {
  list_.back().error = error;
  const std::string& path = list_.back().path.empty() ? rules_.dir() : list_.back().path;
  rules_.log(message, path + ": " + std::generic_category().message(code));
  close();
}

void Uploads::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

Result<void> Uploads::append_json(std::string& out) const {
  std::deque<std::string> leaves;
  FormTree tree(FormTree::Leaves::files);
  for (const Upload& upload : list_) tree.add(upload.field, leaves.emplace_back(leaf(upload)));
  if (auto built = tree.build(); !built) return built;
  tree.append_json(out);
  return {};
}

}  // namespace rr::http
