// A regular file that is open to be sent, with what an answer says about it.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/files/checksum.h"

namespace rr::net::files {

// How entity tags are made.
struct EtagRule {
  enum class Kind {
    none,
    content,       // "<size>-<crc of the content>", none for an empty file
    weak_content,  // the same with W/ before it
    weak_name,     // W/"<crc of the file's name>"
  };
  Kind kind = Kind::none;
  const Crc32::Tables* tables = nullptr;  // static
};

// Immutable but for its entity tag, which whoever asks first computes; any thread. Counted: each
// answer on its way holds it.
class OpenFile {
 public:
  struct Release {
    void operator()(const OpenFile* file) const { file->release(); }
  };
  using Pointer = std::unique_ptr<const OpenFile, Release>;

  // Takes the descriptor over. Null for what is no regular file. `name`: the last part of its path.
  static Pointer adopt(int descriptor, std::string_view name, EtagRule rule = {});
  OpenFile(const OpenFile&) = delete;

  std::uint64_t size() const { return size_; }
  std::int64_t modified() const { return modified_; }  // seconds since 1970
  std::string_view last_modified() const { return last_modified_; }
  std::string_view type() const { return type_; }  // by extension, else by content
  // Empty without one. Reads the whole file, the first time.
  std::string_view etag() const;
  // Whether the descriptor's file is as it was, and still has a name.
  bool unchanged() const;
  // Another change within the same tick of the file system's clock would not show.
  bool just_modified() const;
  Pointer share() const;
  // A range of it as a body; holds it until that is sent.
  FileBytes bytes(std::uint64_t offset, std::uint64_t length) const;

 private:
  OpenFile(int descriptor, const struct stat& info, std::string_view name, EtagRule rule);
  ~OpenFile();
  void release() const;
  std::string make_etag() const;

  const int descriptor_;
  const struct stat info_;
  const std::uint64_t size_;
  const std::int64_t modified_;
  const std::string last_modified_;
  const std::string name_;
  const EtagRule rule_;
  std::string_view type_;  // static text
  mutable std::once_flag etag_made_;
  mutable std::string etag_;
  mutable std::atomic<std::uint32_t> references_{1};
};

}  // namespace rr::net::files
