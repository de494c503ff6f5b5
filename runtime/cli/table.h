// Tables as RoadRunner's commands print them: light borders, centred headers in capitals.
#pragma once

#include <string>
#include <vector>

namespace rr::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}

  // Cells in UTF-8; colours (ESC[…m) take no room.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Wide cells are broken between words so that no line is wider than this.
  static constexpr std::size_t kMaxWidth = 150;
  std::string text() const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rr::cli
