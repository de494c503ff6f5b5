#include "runtime/php/answer.h"

#include <cstdlib>
#include <cstring>

namespace rr::php {
namespace {

// Output up to here is sent in one piece with its length; what is larger is streamed.
constexpr std::size_t kStreamFrom = 256 * 1024;
constexpr std::size_t kKeepCapacity = 512 * 1024;

bool name_is(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c != lower[i]) return false;
  }
  return true;
}

// "404 Not Found" of a status line or Status header.
void parse_status(Answer& answer, std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && text[i] == ' ') ++i;
  int status = 0;
  std::size_t digits = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 4; ++i, ++digits) {
    status = status * 10 + (text[i] - '0');
  }
  if (digits == 0) return;
  answer.status = status;
  while (i < text.size() && text[i] == ' ') ++i;
  answer.text.assign(text.substr(i));
  answer.reason_size = static_cast<std::uint32_t>(answer.text.size());
}

bool grow(Answer& answer, std::size_t needed) {
  std::size_t capacity = answer.capacity ? answer.capacity : 16 * 1024;
  while (capacity < needed) capacity *= 2;
  char* bytes = static_cast<char*>(std::realloc(answer.bytes, capacity));
  if (!bytes) return false;
  answer.bytes = bytes;
  answer.capacity = capacity;
  return true;
}

HttpResponseHead head_of(Answer& answer) {
  answer.views.clear();
  const char* text = answer.text.data();
  for (const Answer::Field& field : answer.fields) {
    answer.views.push_back(
        {{text + field.name, field.name_size}, {text + field.value, field.value_size}});
  }
  return {answer.status, {text, answer.reason_size}, answer.views};
}

bool body_allowed(const Answer& answer) {
  return !answer.no_body && answer.status != 204 && answer.status != 304;
}

bool start(State& state) {
  Answer& answer = state.answer;
  if (!answer.started) {
    answer.started = true;
    state.exchange_answered = true;
    if (!state.http->start(head_of(answer))) answer.client_gone = true;
  }
  return !answer.client_gone;
}

bool send(State& state, const char* bytes, std::size_t size) {
  Answer& answer = state.answer;
  if (size && body_allowed(answer) && !state.http->write({{bytes, size}, nullptr, nullptr})) {
    answer.client_gone = true;
  }
  return !answer.client_gone;
}

}  // namespace

void answer_reset(Answer& answer) noexcept {
  if (answer.capacity > kKeepCapacity) {
    std::free(answer.bytes);
    answer.bytes = nullptr;
    answer.capacity = 0;
  }
  answer.size = 0;
  answer.status = 200;
  answer.head_ready = answer.started = answer.finished = answer.client_gone = answer.no_body =
      false;
  answer.text.clear();
  answer.fields.clear();
  answer.reason_size = 0;
}

void answer_take_head(Answer& answer, const sapi_headers_struct& headers) noexcept {
  answer.head_ready = true;
  answer.text.clear();
  answer.fields.clear();
  answer.reason_size = 0;
  answer.status = headers.http_response_code;
  if (headers.http_status_line) {
    std::string_view line = headers.http_status_line;
    std::size_t space = line.find(' ');
    if (space != std::string_view::npos && space >= 5) parse_status(answer, line.substr(space + 1));
  }
  // The engine's list is plain data; walking it by hand saves a callback per header.
  for (const zend_llist_element* element = headers.headers.head; element; element = element->next) {
    const auto* header = reinterpret_cast<const sapi_header_struct*>(element->data);
    std::string_view line{header->header, header->header_len};
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (name_is(name, "status")) {
      std::string rest = answer.text.substr(answer.reason_size);
      std::uint32_t old = answer.reason_size;
      parse_status(answer, value);
      answer.text += rest;
      for (Answer::Field& field : answer.fields) {
        field.name = field.name - old + answer.reason_size;
        field.value = field.value - old + answer.reason_size;
      }
      continue;
    }
    Answer::Field field{};
    field.name = static_cast<std::uint32_t>(answer.text.size());
    field.name_size = static_cast<std::uint32_t>(name.size());
    answer.text += name;
    field.value = static_cast<std::uint32_t>(answer.text.size());
    field.value_size = static_cast<std::uint32_t>(value.size());
    answer.text += value;
    answer.fields.push_back(field);
  }
  if (answer.status < 100 || answer.status > 999) {
    answer.status = 500;
    answer.reason_size = 0;
  }
  if (answer.status == 304) {
    std::erase_if(answer.fields, [&](const Answer::Field& field) {
      return name_is({answer.text.data() + field.name, field.name_size}, "content-type");
    });
  }
}

void answer_drop_reason(Answer& answer) noexcept {
  // The phrase lies in front of the fields' text; only its length tells that it is there.
  answer.reason_size = 0;
}

bool answer_write(State& state, const char* bytes, std::size_t size) noexcept {
  Answer& answer = state.answer;
  if (!answer.started && answer.size + size <= kStreamFrom) {
    if (answer.size + size > answer.capacity && !grow(answer, answer.size + size)) return false;
    std::memcpy(answer.bytes + answer.size, bytes, size);
    answer.size += size;
    return true;
  }
  if (!start(state)) return false;
  // Small pieces of a streamed answer are collected too: one system call for some 16 KiB.
  if (answer.size + size < 16 * 1024) {
    if (answer.size + size > answer.capacity && !grow(answer, answer.size + size)) return false;
    std::memcpy(answer.bytes + answer.size, bytes, size);
    answer.size += size;
    return true;
  }
  std::size_t held = answer.size;
  answer.size = 0;
  return send(state, answer.bytes, held) && send(state, bytes, size);
}

bool answer_flush(State& state) noexcept {
  Answer& answer = state.answer;
  if (answer.finished) return true;
  if (!start(state)) return false;
  std::size_t held = answer.size;
  answer.size = 0;
  if (!send(state, answer.bytes, held)) return false;
  if (state.exchange->aborted()) answer.client_gone = true;
  return !answer.client_gone;
}

void answer_finish(State& state) noexcept {
  Answer& answer = state.answer;
  if (answer.finished) return;
  answer.finished = true;
  state.exchange_answered = true;
  if (answer.started) {
    send(state, answer.bytes, answer.size);
    answer.size = 0;
    if (!state.http->finish()) answer.client_gone = true;
    return;
  }
  std::size_t size = body_allowed(answer) ? answer.size : 0;
  if (!state.http->respond(head_of(answer), {{answer.bytes, size}, nullptr, nullptr})) {
    answer.client_gone = true;
  }
}

void answer_status(State& state, int status) noexcept {
  Answer& answer = state.answer;
  if (answer.finished || answer.started) return answer_finish(state);
  answer_reset(answer);
  answer.status = status;
  answer_finish(state);
}

}  // namespace rr::php
