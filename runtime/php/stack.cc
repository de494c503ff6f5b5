#include "runtime/php/stack.h"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <span>
#include <type_traits>

#include "zend_generators.h"

namespace rr::php {

const StackAsk::Answer* StackAsk::wait_until(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return state_ != State::asked; });
  return state_ == State::answered ? &answer_ : nullptr;
}

bool StackAsk::withdraw() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::answered) return false;
  state_ = State::withdrawn;
  return true;
}

void StackAsk::answer(const Answer& answer) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::asked) return;
    answer_ = answer;
    state_ = State::answered;
    changed_.notify_all();
  }
  if (hear_) hear_(answer);
}

bool StackAsk::wanted() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::asked;
}

namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxFile = 512;

// Names and paths are the script's: nothing in them moves a terminal's cursor. A class without a
// name has a NUL in its own.
std::string shown(std::string_view text, std::size_t most) {
  text = text.substr(0, text.find('\0'));
  std::string out(text.size() > most ? text.substr(text.size() - most) : text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

std::string_view view(const zend_string* text) {
  return {ZSTR_VAL(text), ZSTR_LEN(text)};
}

std::string function_of(const zend_execute_data* frame, bool outermost) {
  const zend_function* function = frame->func;
  if (!function->common.function_name) {
    if (function->common.type == ZEND_INTERNAL_FUNCTION) return "{fiber}";
    return outermost ? "{main}" : "{included file}";
  }
  std::string name;
  if (function->common.scope) name = shown(view(function->common.scope->name), kMaxName) + "::";
  return name + shown(view(function->common.function_name), kMaxName) + "()";
}

// 0: not known.
std::uint32_t line_of(const zend_execute_data* frame) {
  const zend_op_array& code = frame->func->op_array;
  const zend_op* at = frame->opline;
  if (at && at->opcode == ZEND_HANDLE_EXCEPTION && EG(opline_before_exception))
    at = EG(opline_before_exception);
  return at >= code.opcodes && at < code.opcodes + code.last ? at->lineno : 0;
}

std::string describe_frame(const zend_execute_data* frame, bool outermost) {
  std::string text = function_of(frame, outermost);
  if (!ZEND_USER_CODE(frame->func->common.type)) return text;
  text += " at " + shown(view(frame->func->op_array.filename), kMaxFile);
  if (const std::uint32_t line = line_of(frame)) text += ":" + std::to_string(line);
  return text;
}

// The next one outward with a function of its own; null: there is none.
zend_execute_data* with_function(zend_execute_data* frame) {
  while (frame && !frame->func) {
    // Where generators are nested another frame stands for theirs.
    zend_execute_data* real = zend_generator_check_placeholder_frame(frame);
    frame = real->func ? real : frame->prev_execute_data;
  }
  return frame;
}

std::vector<std::string> frames_from(zend_execute_data* frame) {
  std::vector<std::string> frames;
  for (frame = with_function(frame); frame;) {
    if (frames.size() == WorkerStack::kMaxFrames) {
      frames.emplace_back("… and more");
      break;
    }
    zend_execute_data* outer = with_function(frame->prev_execute_data);
    frames.push_back(describe_frame(frame, outer == nullptr));
    frame = outer;
  }
  return frames;
}

// A copy of what another thread has at that address, by the kernel: memory that is gone meanwhile
// is an error, not a crash.
template <class T>
bool peek(const T* there, T& here) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto room = std::as_writable_bytes(std::span<T, 1>(&here, 1));
  iovec to{room.data(), room.size()};
  iovec from{const_cast<T*>(there), room.size()};
  return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == static_cast<ssize_t>(room.size());
}

std::string peek_name(const zend_string* there) {
  std::size_t size = 0;
  if (!there || !peek(&there->len, size) || size == 0 || size > kMaxName) return {};
  std::string name(size, '\0');
  iovec to{name.data(), size};
  iovec from{const_cast<char*>(there->val), size};
  if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != static_cast<ssize_t>(size)) return {};
  return shown(name, kMaxName);
}

}  // namespace

void answer_stack_asks(State& state, zend_execute_data* frame) noexcept {
  std::vector<std::shared_ptr<StackAsk>> asks;
  {
    const std::lock_guard lock(state.slot_mutex);
    state.asked.store(false, std::memory_order_relaxed);
    asks.swap(state.asks);
  }
  std::erase_if(asks, [](const auto& ask) { return !ask->wanted(); });
  if (asks.empty()) return;
  StackAsk::Answer answer;
  if (state.exchange) answer.running = describe(*state.exchange, state.work.running_since());
  if (frame) answer.frames = frames_from(frame);
  for (const auto& ask : asks) ask->answer(answer);
}

bool Interpreter::ask_stack(std::shared_ptr<StackAsk> ask) {
  State& state = *state_;
  const std::lock_guard lock(state.slot_mutex);
  if (!state.attached || !state.limits.in_script.load(std::memory_order_acquire)) return false;
  std::erase_if(state.asks, [](const auto& other) { return !other->wanted(); });
  state.asks.push_back(std::move(ask));
  state.asked.store(true, std::memory_order_release);
  zend_atomic_bool_store_ex(&state.executor->vm_interrupt, true);
  return true;
}

std::string Interpreter::c_call() const {
  const State& state = *state_;
  const std::lock_guard lock(state_->slot_mutex);
  if (!state.attached) return {};
  // Of the innermost frame the function's name, no more. A thread that still has not seen an ask is
  // at no safe point; that it is in the same call before and after makes what was read of one
  // piece.
  zend_execute_data* frame = nullptr;
  zend_function* function = nullptr;
  if (!peek(&state.executor->current_execute_data, frame) || !frame) return {};
  if (!peek(&frame->func, function) || !function) return {};
  std::uint8_t type = 0;
  zend_string* name = nullptr;
  zend_class_entry* scope = nullptr;
  if (!peek(&function->type, type) || type != ZEND_INTERNAL_FUNCTION) return {};
  if (!peek(&function->common.function_name, name)) return {};
  if (!peek(&function->common.scope, scope)) return {};
  std::string text = peek_name(name);
  if (text.empty()) return {};
  if (scope) {
    zend_string* scope_name = nullptr;
    if (!peek(&scope->name, scope_name)) return {};
    text = peek_name(scope_name) + "::" + text;
  }
  zend_execute_data* frame_after = nullptr;
  zend_function* function_after = nullptr;
  if (!peek(&state.executor->current_execute_data, frame_after) || frame_after != frame) return {};
  if (!peek(&frame->func, function_after) || function_after != function) return {};
  return text + "()";
}

}  // namespace rr::php
