// `config` of a storage with the driver `boltdb` (spec 04 §1.1). Its database is LMDB's.
#pragma once

#include <chrono>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::keyvalue::boltdb {

struct BoltdbConfig {
  std::string file = "rr.db";
  config::FileMode permissions{0755};
  std::chrono::seconds interval{60};
  bool sync = true;
  config::Megabytes max_size{10240};

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("file", &BoltdbConfig::file, "the database; beside it lies one named FILE-lock"),
        field("permissions", &BoltdbConfig::permissions,
              "of the file when it is made, less the umask"),
        field("interval", &BoltdbConfig::interval, "between two removals of keys that have ended"),
        field(
            "sync", &BoltdbConfig::sync,
            "false: answers do not wait for the disk. What was answered survives the server's end "
            "all the same, but a crash of the machine may cost the whole database"),
        field("max_size", &BoltdbConfig::max_size,
              "what the file may grow to; address space, taken when it is needed"),
    };
  }
  void settle() {
    if (interval.count() == 0) interval = std::chrono::seconds(60);
  }
  void check(config::Errors& errors) const {
    errors.require(!file.empty(), "file", "names no file");
    errors.require(max_size.count > 0, "max_size", "must be more than 0 MB");
    errors.require(max_size.count <= 16U << 20, "max_size", "must be at most 16 TB");
    errors.require(interval.count() > 0, "interval", "must not be negative");
  }
};

}  // namespace rr::keyvalue::boltdb
