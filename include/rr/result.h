// How calls that can fail at run time say so. Values; no thread rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace rr {

// What kind of thing went wrong; the kinds a caller acts on. The names in to_string() are the ones
// RoadRunner prints (spec 01 §0) and PHP clients match on.
enum class Errc {
  none,
  queue_size,       // more exchanges than max_queue_size
  no_free_workers,  // none within allocate_timeout
  stopped,          // the pool takes no more work
  network,          // worker died, closed its pipe or sent what is no frame
  decode,           // a frame, but not one that answers the request
  encode,
  soft_job,  // the worker said so itself: it lives on
  exec_ttl,  // ran longer than allowed
  worker_allocate,
  file_not_found,
  retry,
  not_found,
  invalid,
  io,
};

// RoadRunner's word for a kind, empty where it has none.
std::string_view to_string(Errc code);

// An error with the chain of operations it came through: `op` is public text (spec 01 §8).
struct Error {
  Errc code = Errc::none;
  std::string op;
  std::string message;

  Error() = default;
  Error(Errc code, std::string op, std::string message)
      : code(code), op(std::move(op)), message(std::move(message)) {}

  // The same error seen from an outer operation.
  Error in(std::string_view outer) && {
    op = op.empty() ? std::string(outer) : std::string(outer) + ":\n\t" + op;
    return std::move(*this);
  }
  // "op: Kind: message", absent parts omitted.
  std::string text() const;
};

// Either a value or an Error. Names follow std::expected; default-constructible, because
// asio::co_spawn builds an empty result when an exception escapes.
template <class T>
class [[nodiscard]] Result {
 public:
  Result() : state_(std::in_place_index<1>, Error{}) {}
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace rr
