// The files below a folder, and a small cache of open ones.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rr/exchange.h"
#include "runtime/net/files/open_file.h"

namespace rr::net::files {

// Thread-safe.
class FileStore {
 public:
  // Whether symbolic links may lead out of the folder.
  enum class Links { stay_inside, anywhere };
  struct Options {
    std::string folder;  // looked up anew each time a file is opened: it may be a link that moves
    Links links = Links::stay_inside;
    EtagRule etag;
    // A path that was opened so long ago is looked up again: a file that was replaced is noticed by
    // then, one that was changed or removed at once. Below zero: each time.
    Duration fresh_for = std::chrono::seconds(1);
  };
  explicit FileStore(Options options) : options_(std::move(options)) {}

  enum class Outcome {
    opened,
    missing,  // no such file, not readable, no regular file
    folder,
    outside,  // links lead out of the folder
  };
  struct Opened {
    Outcome outcome = Outcome::missing;
    OpenFile::Pointer file;
  };
  // `path`: relative to the folder, decoded; slashes at its front do not count. It never leads out
  // of the folder by "..".
  Opened open(std::string_view path);

 private:
  struct Entry {
    OpenFile::Pointer file;
    TimePoint looked_up;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Shard {
    std::mutex mutex;  // guards entries
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries;
  };
  Opened open_anew(std::string_view path) const;
  OpenFile::Pointer cached(Shard& shard, std::string_view path, TimePoint now);
  void keep(Shard& shard, std::string_view path, const OpenFile& file, TimePoint now);

  static constexpr std::size_t kShards = 8;
  static constexpr std::size_t kEntries = 64;  // in each: so many descriptors stay open

  const Options options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace rr::net::files
