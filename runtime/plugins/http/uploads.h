// Files of a multipart body as temporary files (spec 02 §2.7).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/file_owner.h"
#include "rr/result.h"
#include "runtime/plugins/http/uploads_config.h"

namespace rr::http {

// What is told about a file that failed: the log's message (`error opening the file`, `error
// removing the file`, `error writing the file`) and the reason. Called on the thread that uses the
// Uploads.
using UploadLog = std::function<void(std::string_view message, std::string_view reason)>;

// The configuration made ready for use. Immutable; shared by all threads.
class UploadRules {
 public:
  explicit UploadRules(const UploadsConfig& config, std::optional<FileOwner> owner = {},
                       UploadLog log = {});

  const std::string& dir() const { return dir_; }  // absolute
  std::optional<FileOwner> owner() const { return owner_; }
  // By the extension of `file_name`: forbidden, or not among those allowed.
  bool forbids(std::string_view file_name) const;
  void log(std::string_view message, std::string_view reason) const;

 private:
  std::string dir_;
  std::vector<std::string> forbid_, allow_;
  std::optional<FileOwner> owner_;
  UploadLog log_;
};

enum class UploadError : std::uint8_t {
  none = 0,  // the numbers PHP uses
  no_file = 4,
  no_dir = 6,  // the temporary file could not be created
  cannot_write = 7,
  extension = 8,  // forbidden
};

struct Upload {
  std::string field;  // name of the form field, as sent
  std::string name;
  std::string mime;
  std::uint64_t size = 0;
  UploadError error = UploadError::none;
  std::string path;  // absolute; empty when nothing was stored
};

// The files of one request. One owner at a time; lives as long as the exchange: its end removes
// every file that is still there (PHP may have moved it). A file that fails never fails the
// request.
class Uploads {
 public:
  explicit Uploads(const UploadRules& rules) : rules_(rules) {}  // the plugin's, outlives exchanges
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;
  ~Uploads();

  // One file after the other.
  void begin(std::string_view field, std::string_view name, std::string_view mime);
  void write(std::string_view bytes);
  void end();

  const std::deque<Upload>& list() const { return list_; }

  // Appends the tree of files, "{}" without any. Fails like FormTree::build().
  Result<void> append_json(std::string& out) const;

 private:
  bool create(Upload& upload);
  void fail(std::string_view message, UploadError error, int code);
  void close();

  const UploadRules& rules_;
  std::deque<Upload> list_;
  int file_ = -1;  // of the last one, while it is written
};

}  // namespace rr::http
