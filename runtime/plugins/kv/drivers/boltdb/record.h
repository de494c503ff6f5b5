// How a key and its value lie in the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rr/kv_timeout.h"

namespace rr::keyvalue::boltdb {

// LMDB takes keys of up to 511 bytes. Longer ones are stored as their beginning and their SHA-256,
// which is as long as no short one is.
std::string stored_key(std::string_view key);

// A value with its end. The bytes of what is read are the database's.
struct Record {
  Timeout timeout;
  std::string_view value;
};
std::string encode(const Record& record);
// Nothing: no record of ours.
std::optional<Record> decode_record(std::string_view bytes);

// Sorts as the moments do.
std::string deadline_key(Moment at);
Moment moment_of(std::string_view deadline_key);

}  // namespace rr::keyvalue::boltdb
