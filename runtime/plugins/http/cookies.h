// Cookies of a request as RoadRunner hands them on (spec 02 §2.4).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::http {

// Parses the Cookie lines of one request after the other, keeping its memory. One owner at a time.
class Cookies {
 public:
  static constexpr std::size_t kMax = 3000;  // more of them count as none

  // Reads every Cookie line: pairs between ';', name a token, value unquoted and form-decoded. What
  // is malformed drops that cookie only; of several with one name the last stays.
  void parse(const HttpRequest& request);

  // Views into the request or into this; valid until the next parse.
  std::span<const HeaderView> list() const { return list_; }

 private:
  void add_line(std::string_view line);
  void add_pair(std::string_view pair);
  void keep_last_of_each_name();

  std::vector<HeaderView> list_;
  std::string decoded_;  // never grows beyond what parse() reserved: views point into it
};

}  // namespace rr::http
