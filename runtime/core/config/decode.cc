// The conversions of scalars, with the messages RoadRunner's users know (spec 05 §1.6).
#include "rr/config/decode.h"

#include <cmath>

#include "runtime/core/config/numbers.h"

namespace rr::config {

namespace {

using Kind = Node::Kind;

void unconvertible(const Node& node, std::string_view wanted, Errors& errors) {
  errors.mismatch("expected type '" + std::string(wanted) + "', got unconvertible type '" +
                  std::string(go_type(node)) + "'");
}

void unparsable(std::string_view wanted, std::string_view function, NumberError why,
                Errors& errors) {
  errors.mismatch("cannot parse value as '" + std::string(wanted) + "': strconv." +
                  std::string(function) +
                  (why == NumberError::range ? ": value out of range" : ": invalid syntax"));
}

void out_of_range(std::string_view wanted, const std::string& value, Errors& errors) {
  errors.mismatch("cannot parse value as '" + std::string(wanted) + "': " + value +
                  " is out of range");
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> items;
  if (text.empty()) return items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

// The number in "30s" or 30, counted in seconds.
bool seconds_text(std::string_view text, std::chrono::seconds& out) {
  const ParsedDuration parsed = parse_duration(text);
  if (!parsed.error.empty()) return false;
  out = std::chrono::duration_cast<std::chrono::seconds>(parsed.value);
  return out == parsed.value;
}

}  // namespace

bool text_of(const Node& node, std::string& out) {
  switch (node.kind()) {
    case Kind::boolean:
      out = node.boolean() ? "1" : "0";
      return true;
    case Kind::integer:
      out = std::to_string(node.integer());
      return true;
    case Kind::real:
      out = float_text(node.real());
      return true;
    case Kind::text:
      out = node.text();
      return true;
    default:
      return false;
  }
}

void decode_value(const Node& node, bool& out, Errors& errors) {
  switch (node.kind()) {
    case Kind::boolean:
      out = node.boolean();
      return;
    case Kind::integer:
      out = node.integer() != 0;
      return;
    case Kind::real:
      out = node.real() != 0;
      return;
    case Kind::text:
      break;
    default:
      unconvertible(node, "bool", errors);
      return;
  }
  if (const auto value = parse_bool(node.text())) {
    out = *value;
  } else if (node.text().empty()) {
    out = false;
  } else {
    unparsable("bool", "ParseBool", NumberError::syntax, errors);
  }
}

void decode_value(const Node& node, double& out, Errors& errors) {
  switch (node.kind()) {
    case Kind::boolean:
      out = node.boolean() ? 1 : 0;
      return;
    case Kind::integer:
      out = static_cast<double>(node.integer());
      return;
    case Kind::real:
      out = node.real();
      return;
    case Kind::text:
      break;
    default:
      unconvertible(node, "float64", errors);
      return;
  }
  const auto [value, error] = node.text().empty() ? Parsed<double>{} : parse_float(node.text());
  if (error != NumberError::none) return unparsable("float64", "ParseFloat", error, errors);
  out = value;
}

void decode_value(const Node& node, std::string& out, Errors& errors) {
  if (!text_of(node, out)) unconvertible(node, "string", errors);
}

bool decode_signed(const Node& node, std::int64_t& out, std::int64_t least, std::int64_t most,
                   Errors& errors) {
  switch (node.kind()) {
    case Kind::boolean:
      out = node.boolean() ? 1 : 0;
      break;
    case Kind::integer:
      out = node.integer();
      break;
    case Kind::real:
      if (!(std::abs(node.real()) < 9.2e18)) {
        out_of_range("int", float_text(node.real()), errors);
        return false;
      }
      out = static_cast<std::int64_t>(node.real());
      break;
    case Kind::text: {
      const auto [value, error] =
          node.text().empty() ? Parsed<std::int64_t>{} : parse_int(node.text());
      if (error != NumberError::none) {
        unparsable("int", "ParseInt", error, errors);
        return false;
      }
      out = value;
      break;
    }
    default:
      unconvertible(node, "int", errors);
      return false;
  }
  if (out >= least && out <= most) return true;
  out_of_range("int", std::to_string(out), errors);
  return false;
}

bool decode_unsigned(const Node& node, std::uint64_t& out, std::uint64_t most, Errors& errors) {
  switch (node.kind()) {
    case Kind::boolean:
      out = node.boolean() ? 1 : 0;
      break;
    case Kind::integer:
      if (node.integer() < 0) {
        out_of_range("uint64", std::to_string(node.integer()), errors);
        return false;
      }
      out = static_cast<std::uint64_t>(node.integer());
      break;
    case Kind::real:
      if (!(node.real() > -1 && node.real() < 1.8e19)) {
        out_of_range("uint64", float_text(node.real()), errors);
        return false;
      }
      out = static_cast<std::uint64_t>(node.real());
      break;
    case Kind::text: {
      const auto [value, error] =
          node.text().empty() ? Parsed<std::uint64_t>{} : parse_uint(node.text());
      if (error != NumberError::none) {
        unparsable("uint64", "ParseUint", error, errors);
        return false;
      }
      out = value;
      break;
    }
    default:
      unconvertible(node, "uint64", errors);
      return false;
  }
  if (out <= most) return true;
  out_of_range("uint64", std::to_string(out), errors);
  return false;
}

void decode_value(const Node& node, Duration& out, Errors& errors) {
  switch (node.kind()) {
    case Kind::text: {
      const ParsedDuration parsed = parse_duration(node.text());
      if (!parsed.error.empty()) return errors.mismatch(std::string(parsed.error));
      out = parsed.value;
      return;
    }
    case Kind::list:
    case Kind::map:
      return unconvertible(node, "time.Duration", errors);
    default:
      break;
  }
  std::int64_t count = 0;
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (!decode_signed(node, count, -kMost, kMost, errors)) return;
  out = Duration(count);
  if (count != 0 && out < std::chrono::milliseconds(1) && out > std::chrono::milliseconds(-1)) {
    errors.warn({}, "a duration without a unit counts nanoseconds: " + std::to_string(count) +
                        " is " + to_string(out));
  }
}

void decode_value(const Node& node, std::chrono::seconds& out, Errors& errors) {
  if (node.is(Kind::text) && seconds_text(node.text(), out)) return;
  std::int64_t count = 0;
  constexpr std::int64_t kMost =
      std::chrono::duration_cast<std::chrono::seconds>(Duration::max()).count();
  if (decode_signed(node, count, -kMost, kMost, errors)) out = std::chrono::seconds(count);
}

void decode_value(const Node& node, std::vector<std::string>& out, Errors& errors) {
  out.clear();
  if (node.is(Kind::text)) {
    out = split_commas(node.text());
  } else if (node.is(Kind::list)) {
    std::size_t index = 0;
    for (const Node& item : node.list()) {
      Errors::Scope scope(errors, "[" + std::to_string(index++) + "]", item);
      decode_value(item, out.emplace_back(), errors);
    }
  } else {
    decode_value(node, out.emplace_back(), errors);
  }
}

bool expect_map(const Node& node, Errors& errors) {
  if (node.is(Kind::map)) return true;
  errors.mismatch("expected a map or struct, got \"" + std::string(go_kind(node)) + "\"");
  return false;
}

bool to_map(const Node& node, Node& out, Errors& errors) {
  out = Node(Node::Map{}, node.at());
  if (node.is(Kind::list)) {
    for (const Node& item : node.list()) {
      if (item.is_null()) continue;
      if (!expect_map(item, errors)) return false;
      out.merge(item);
    }
    return true;
  }
  if (!node.is(Kind::map)) {
    errors.mismatch("expected a map, got '" + std::string(go_kind(node)) + "'");
    return false;
  }
  out = node;
  return true;
}

void mismatch_name(const Node& node, const std::vector<std::string_view>& names, Errors& errors) {
  std::string text;
  if (!text_of(node, text)) return unconvertible(node, "string", errors);
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  errors.mismatch("should be one of " + list + ", got \"" + text + "\"");
}

}  // namespace rr::config
