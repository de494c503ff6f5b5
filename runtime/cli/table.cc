#include "runtime/cli/table.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace rr::cli {

namespace {

constexpr std::size_t kPadding = 2;  // of a cell, both sides together

// Columns that a text takes on a terminal.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      i = std::min(text.find('m', i), text.size());
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++width;
    }
  }
  return width;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

std::string border(const std::vector<std::size_t>& widths, std::string_view left,
                   std::string_view middle, std::string_view right) {
  std::string line(left);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) line += middle;
    line += repeated("─", widths[i] + kPadding);
  }
  return line.append(right) + "\n";
}

// The lines of a cell; a word that does not fit is on a line of its own.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return {text};
  std::vector<std::string> lines{""};
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (width_of(line) + 1 + width_of(word) <= width) {
      line += " " + word;
    } else {
      lines.push_back(word);
    }
    start = end + 1;
  }
  return lines;
}

std::string row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> columns;
  std::size_t height = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    columns.push_back(wrapped(i < cells.size() ? cells[i] : "", widths[i]));
    height = std::max(height, columns.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string& cell = line < columns[i].size() ? columns[i][line] : "";
      const std::size_t used = std::min(width_of(cell), widths[i]);
      text += "│ " + cell + std::string(widths[i] - used, ' ') + " ";
    }
    text += "│\n";
  }
  return text;
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> out;
  for (const std::string& header : headers_) out.push_back(width_of(header));
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < out.size() && i < cells.size(); ++i) {
      out[i] = std::max(out[i], width_of(cells[i]));
    }
  }
  const std::size_t frame = out.size() * (kPadding + 1) + 1;
  const std::size_t total = std::accumulate(out.begin(), out.end(), frame);
  if (total > kMaxWidth) {
    const auto widest = std::max_element(out.begin(), out.end());
    const std::size_t others = total - *widest;
    const std::size_t least = width_of(headers_[static_cast<std::size_t>(widest - out.begin())]);
    *widest = std::max(least, kMaxWidth > others ? kMaxWidth - others : 0);
    // Words are not broken: the column is as wide as its longest one.
    for (const auto& cells : rows_) {
      const auto column = static_cast<std::size_t>(widest - out.begin());
      if (column >= cells.size()) continue;
      for (const std::string& line : wrapped(cells[column], *widest)) {
        *widest = std::max(*widest, width_of(line));
      }
    }
  }
  return out;
}

std::string Table::text() const {
  const std::vector<std::size_t> widths = this->widths();
  std::string text = border(widths, "┌", "┬", "┐");
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    const std::size_t rest = widths[i] - width_of(headers_[i]);
    text +=
        "│ " + std::string(rest / 2, ' ') + headers_[i] + std::string(rest - rest / 2, ' ') + " ";
  }
  text += "│\n";
  if (!rows_.empty()) text += border(widths, "├", "┼", "┤");
  for (const auto& cells : rows_) text += row(cells, widths);
  return text + border(widths, "└", "┴", "┘");
}

}  // namespace rr::cli
