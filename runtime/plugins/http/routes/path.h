// A request's path as a route sees it, and as whoever answers the request may see it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace rr::http::routes {

// Applications do not agree on what a path says: most decode %2F into a slash, some take repeated
// slashes for one, few take a backslash for a slash. Whoever chooses by one reading what another
// reading then answers has been passed by. So a path has several readings here, and what leaves
// none of them any sense, or was written to be misread, has none.
//
// Of one thread; kept for the next path: no allocation once it is warm.
class Path {
 public:
  static constexpr std::size_t kLongest = 16 * 1024;

  // `sent`: begins with a slash, percent-encoded as it came, without the query; outlives the
  // readings. False: it is longer than kLongest; "." or ".." is among its segments, however it is
  // written; it has an encoded NUL, a control character, or a '#', which would end it for whoever
  // parses it as a URL again.
  bool read(std::string_view sent);

  // Decoded, without slashes at the end (some applications do not count them either). Most paths
  // have one. The others: an encoded slash and backslashes taken for slashes
  // or not, each with repeated slashes as one or not.
  std::span<const std::string_view> readings() const { return {readings_.data(), count_}; }

 private:
  enum class Slashes { as_sent, decoded };
  bool decode(std::string_view sent, Slashes slashes, std::string& out) const;
  void add(std::string_view reading);
  void add_merged(const std::string& reading, std::string& merged);

  std::array<std::string_view, 4> readings_;
  std::size_t count_ = 0;
  std::string plain_, plain_merged_, decoded_, decoded_merged_;
};

}  // namespace rr::http::routes
