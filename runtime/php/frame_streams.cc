#include "runtime/php/frame_streams.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>

#include "ext/garbage.h"

#include "runtime/goridge/frame.h"
#include "runtime/php/script_log.h"
#include "runtime/php/worker.h"

namespace rr::php {
namespace {

constexpr std::uint32_t kMaxPayload = 0xffffffff;

std::string control_frame(std::string_view json) {
  goridge::Header header;
  header.flags = goridge::flag::control | goridge::flag::codec_json;
  header.payload_bytes = static_cast<std::uint32_t>(json.size());
  char bytes[goridge::kMaxHeaderBytes];
  std::size_t size = goridge::encode(header, bytes);
  return std::string(bytes, size).append(json);
}

std::string bit_frame(std::uint8_t bit) {
  goridge::Header header;
  header.stream = bit;
  char bytes[goridge::kMaxHeaderBytes];
  return std::string(bytes, goridge::encode(header, bytes));
}

// Waits until a slow client has taken some of a streamed answer.
void wait_for_room(State& state) {
  struct Wait {
    std::mutex mutex;
    std::condition_variable changed;
    bool resumed = false;
    bool abandoned = false;  // the callback, which comes once, frees it
  };
  auto* wait = new Wait;
  const auto resume = [](void* context) {
    auto* wait = static_cast<Wait*>(context);
    bool mine;
    {
      std::lock_guard lock(wait->mutex);
      wait->resumed = true;
      mine = wait->abandoned;
      wait->changed.notify_one();
    }
    if (mine) delete wait;
  };
  if (!state.exchange->congested(resume, wait)) {
    delete wait;
    return;
  }
  bool free_it;
  {
    std::unique_lock lock(wait->mutex);
    while (!wait->resumed && !state.limits.cancel.load(std::memory_order_acquire)) {
      wait->changed.wait_for(lock, std::chrono::milliseconds(100));
    }
    free_it = wait->resumed;
    wait->abandoned = !wait->resumed;
  }
  if (free_it) delete wait;
}

// What a script's two frame streams share.
class FrameChannel {
 public:
  explicit FrameChannel(State& state) : state_(state), reader_(kMaxPayload) {}
  ~FrameChannel() {
    if (event_ >= 0) ::close(event_);
  }

  // At least one byte, 0 at the end of all frames, -1 when it would have to wait and may not.
  ssize_t read(char* buffer, std::size_t size, bool may_wait) {
    if (!pending() && !fill(may_wait ? TimePoint::max() : TimePoint::min())) return ended_ ? 0 : -1;
    std::size_t done = 0;
    while (done < size && first_ < count_) {
      std::string_view& part = parts_[first_];
      std::size_t piece = std::min(part.size(), size - done);
      if (piece) std::memcpy(buffer + done, part.data(), piece);
      done += piece;
      part.remove_prefix(piece);
      if (part.empty()) ++first_;
    }
    if (done == 0) {
      done = std::min(control_.size() - control_read_, size);
      std::memcpy(buffer, control_.data() + control_read_, done);
      control_read_ += done;
    }
    return static_cast<ssize_t>(done);
  }

  void write(std::string_view bytes) {
    if (poisoned_) return;
    if (!held_.empty()) {
      held_ += bytes;
      bytes = held_;
    }
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      std::string_view rest = bytes.substr(taken);
      goridge::Parse parsed = reader_.parse(rest);
      if (parsed == goridge::Parse::incomplete) break;
      if (parsed == goridge::Parse::malformed) {
        garbage(rest);
        held_.clear();
        return;
      }
      take(reader_.header(), reader_.payload(rest));
      taken += reader_.frame_size();
    }
    if (held_.empty()) {
      held_.assign(bytes.substr(taken));
    } else {
      held_.erase(0, taken);
    }
  }

  // A descriptor that is readable when read() would not wait, or there is work for next().
  int descriptor() {
    if (!pending() && !ended_ && !state_.exchange) {
      if (!handshaken_ && !state_.selects) {
        fill(TimePoint::min());
      } else if (int ready = wait_by_descriptor(state_); ready >= 0) {
        return ready;
      }
    }
    if (event_ < 0) event_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const bool ready = pending() || ended_;
    if (ready != signalled_ && event_ >= 0) {
      std::uint64_t value = 1;
      if (ready) {
        (void)!::write(event_, &value, sizeof(value));
      } else {
        (void)!::read(event_, &value, sizeof(value));
      }
      signalled_ = ready;
    }
    return event_;
  }

  bool poisoned() const { return poisoned_; }
  bool ended() const { return ended_ && !pending(); }

 private:
  // What is left of the request comes first, then control frames.
  bool pending() const { return first_ < count_ || control_read_ < control_.size(); }

  void queue(const std::string& frame) {
    control_.erase(0, control_read_);
    control_read_ = 0;
    control_ += frame;
  }

  bool fill(TimePoint deadline) {
    if (ended_) return false;
    if (!handshaken_) {
      handshaken_ = true;
      queue(control_frame("{\"pid\":" + std::to_string(::getpid()) + "}"));
      return true;
    }
    for (;;) {
      // A script that reads on without an answer has none.
      if (state_.exchange) drop_exchange(state_);
      streaming_ = stop_sent_ = false;
      frames_ = 0;
      if (!take_exchange(state_, deadline)) {
        if (!state_.stop_seen) return false;
        ended_ = true;
        queue(control_frame("{\"stop\":true}"));
        return true;
      }
      WireRequest& wire = state_.wire;
      wire.flags = 0;
      wire.context.clear();
      wire.body = {};
      Result<void> encoded = state_.exchange->encode(wire);
      if (!encoded) {
        fail_exchange(state_, encoded.error());
        drop_exchange(state_);
        continue;
      }
      goridge::Header header;
      header.flags = wire.flags;
      header.option_count = 1;
      header.options[0] = static_cast<std::uint32_t>(wire.context.size());
      header.payload_bytes = static_cast<std::uint32_t>(wire.context.size() + wire.body.size());
      parts_[0] = {header_, goridge::encode(header, header_)};
      parts_[1] = wire.context;
      parts_[2] = wire.body;
      first_ = 0;
      count_ = 3;
      while (count_ > 1 && parts_[count_ - 1].empty()) --count_;
      return true;
    }
  }

  void take(const goridge::Header& header, std::string_view payload) {
    if (header.flags & goridge::flag::control) return;  // the handshake's reply
    Exchange* exchange = state_.exchange;
    if (!exchange) {
      // It owes nothing: its next bytes could be taken for the next request's answer.
      if (stop_sent_) return;
      state_.log.warn("worker sent a frame that nothing asked for, it is replaced");
      state_.recycle_wanted = true;
      return;
    }
    if (header.flags & goridge::flag::error) {
      if (streaming_) state_.recycle_wanted = true;
      return fail(Errc::soft_job, std::string(payload));
    }
    if (header.option_count != 1) {
      state_.recycle_wanted = true;
      return fail(Errc::decode, "options length should be equal 1 (body offset)");
    }
    if (header.options[0] > payload.size()) {
      state_.recycle_wanted = true;
      return fail(Errc::network, "bad payload " + std::string(payload));
    }
    WireAnswer answer;
    answer.flags = header.flags;
    answer.more = (header.stream & goridge::stream::more) != 0;
    answer.context = payload.substr(0, header.options[0]);
    answer.body = payload.substr(header.options[0]);
    if (!streaming_ && answer.body.empty() && answer.context == R"({"stop":true})") {
      state_.recycle_wanted = true;
      return give_back();
    }
    ++frames_;
    if (!stop_sent_) {
      state_.exchange_answered = true;
      const bool wanted = exchange->answer(answer);
      if (answer.more && !wanted) {
        stop_sent_ = true;
        queue(bit_frame(goridge::stream::stop));
      } else if (answer.more) {
        wait_for_room(state_);
      }
    }
    if ((header.stream & goridge::stream::ping) && frames_ > 1 && !stop_sent_) {
      queue(bit_frame(goridge::stream::pong));
    }
    streaming_ = answer.more;
    if (!answer.more) finish();
  }

  void fail(Errc code, std::string message) {
    fail_exchange(state_, Error{code, "sync_worker_receive_frame", std::move(message)});
    finish();
  }

  void give_back() {
    state_.exchange_answered = true;
    forget_request();
    release_exchange(state_);
  }

  void finish() {
    forget_request();
    drop_exchange(state_);
  }

  // What is left of it points into the exchange.
  void forget_request() {
    first_ = count_ = 0;
    streaming_ = false;
  }

  void garbage(std::string_view bytes) {
    poisoned_ = true;
    state_.recycle_wanted = true;
    std::string text = "validation failed on the message sent to STDOUT, invalid message: " +
                       std::string(bytes.substr(0, 4096));
    state_.last_output = text;
    state_.log.error(text);
    if (state_.exchange) fail(Errc::network, std::move(text));
  }

  State& state_;
  goridge::FrameReader reader_;
  std::string held_;     // the beginning of a frame
  std::string control_;  // frames of ours, not yet read
  char header_[goridge::kMaxHeaderBytes];
  std::size_t control_read_ = 0;
  std::string_view parts_[3];  // of the request, not yet read
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t frames_ = 0;  // of the answer so far
  bool handshaken_ = false;
  bool ended_ = false;
  bool streaming_ = false;
  bool stop_sent_ = false;
  bool poisoned_ = false;
  bool signalled_ = false;
  int event_ = -1;
};

FrameChannel* channel_of(State& state) {
  return static_cast<FrameChannel*>(state.frames);
}

// ---- the streams. Their abstract is not used: every thread has one channel, found by its state.

extern "C" {

ssize_t read_frames(php_stream* stream, char* buffer, size_t size) {
  State* state = current_state();
  FrameChannel* channel = state ? channel_of(*state) : nullptr;
  if (!channel) {
    stream->eof = 1;
    return 0;
  }
  if (!state->exchange) rr_collect_garbage();
  const bool may_wait = stream->abstract == nullptr;
  ssize_t done = channel->read(buffer, size, may_wait);
  if (done == 0) stream->eof = 1;
  return done < 0 ? 0 : done;
}

ssize_t write_frames(php_stream*, const char* bytes, size_t size) {
  State* state = current_state();
  if (FrameChannel* channel = state ? channel_of(*state) : nullptr) {
    channel->write({bytes, size});
    // As a process would be killed for it. Last: the engine is entered.
    if (channel->poisoned() && !EG(exception)) zend_throw_unwind_exit();
  } else if (state) {
    log_output(state->log, state->log_line, {bytes, size});
  }
  return static_cast<ssize_t>(size);
}

ssize_t write_to_log(php_stream*, const char* bytes, size_t size) {
  if (State* state = current_state()) {
    state->last_output.append(bytes, size);
    if (state->last_output.size() > 8192)
      state->last_output.erase(0, state->last_output.size() - 4096);
    log_error_output(state->log, {bytes, size});
  }
  return static_cast<ssize_t>(size);
}

ssize_t read_nothing(php_stream* stream, char*, size_t) {
  stream->eof = 1;
  return 0;
}

int close_stream(php_stream*, int) {
  return 0;
}

int flush_stream(php_stream*) {
  return 0;
}

int cast_input(php_stream*, int as, void** out) {
  if (as != PHP_STREAM_AS_FD_FOR_SELECT) return FAILURE;
  State* state = current_state();
  FrameChannel* channel = state ? channel_of(*state) : nullptr;
  if (!channel) return FAILURE;
  int descriptor = channel->descriptor();
  if (descriptor < 0) return FAILURE;
  if (out) *reinterpret_cast<php_socket_t*>(out) = descriptor;
  return SUCCESS;
}

int set_input_option(php_stream* stream, int option, int value, void* parameter) {
  switch (option) {
    case PHP_STREAM_OPTION_BLOCKING: {
      const int before = stream->abstract == nullptr;
      stream->abstract = value ? nullptr : stream;  // a mark: do not wait
      return before;
    }
    case PHP_STREAM_OPTION_READ_TIMEOUT:
    case PHP_STREAM_OPTION_READ_BUFFER:
      return PHP_STREAM_OPTION_RETURN_OK;
    case PHP_STREAM_OPTION_META_DATA_API:
      add_assoc_bool(static_cast<zval*>(parameter), "timed_out", 0);
      add_assoc_bool(static_cast<zval*>(parameter), "blocked", stream->abstract == nullptr);
      add_assoc_bool(static_cast<zval*>(parameter), "eof", stream->eof);
      return PHP_STREAM_OPTION_RETURN_OK;
    case PHP_STREAM_OPTION_CHECK_LIVENESS: {
      State* state = current_state();
      FrameChannel* channel = state ? channel_of(*state) : nullptr;
      return channel && !channel->ended() ? PHP_STREAM_OPTION_RETURN_OK
                                          : PHP_STREAM_OPTION_RETURN_ERR;
    }
    default:
      return PHP_STREAM_OPTION_RETURN_NOTIMPL;
  }
}

int set_output_option(php_stream*, int option, int, void*) {
  if (option == PHP_STREAM_OPTION_BLOCKING) return 1;
  if (option == PHP_STREAM_OPTION_WRITE_BUFFER || option == PHP_STREAM_OPTION_READ_TIMEOUT)
    return PHP_STREAM_OPTION_RETURN_OK;
  return PHP_STREAM_OPTION_RETURN_NOTIMPL;
}

}  // extern "C"

const php_stream_ops input_ops = {nullptr,      read_frames,      close_stream,
                                  flush_stream, "rr-embed stdin", nullptr,
                                  cast_input,   nullptr,          set_input_option};
const php_stream_ops output_ops = {write_frames, nullptr,           close_stream,
                                   flush_stream, "rr-embed stdout", nullptr,
                                   nullptr,      nullptr,           set_output_option};
const php_stream_ops error_ops = {write_to_log, nullptr,           close_stream,
                                  flush_stream, "rr-embed stderr", nullptr,
                                  nullptr,      nullptr,           set_output_option};
const php_stream_ops empty_ops = {nullptr,      read_nothing,     close_stream,
                                  flush_stream, "rr-embed empty", nullptr,
                                  nullptr,      nullptr,          set_output_option};

php_stream* open_input() {
  State* state = current_state();
  const bool frames = state && channel_of(*state);
  php_stream* stream = php_stream_alloc(frames ? &input_ops : &empty_ops, nullptr, nullptr, "rb");
  stream->flags |= PHP_STREAM_FLAG_NO_SEEK | PHP_STREAM_FLAG_NO_BUFFER;
  return stream;
}

php_stream* open_output(const php_stream_ops* ops) {
  php_stream* stream = php_stream_alloc(ops, nullptr, nullptr, "wb");
  stream->flags |= PHP_STREAM_FLAG_NO_SEEK | PHP_STREAM_FLAG_NO_BUFFER;
  return stream;
}

php_stream* open_php(php_stream_wrapper*, const char* path, const char* mode, int options,
                     zend_string** opened, php_stream_context* context STREAMS_DC) {
  const char* name = path;
  if (strncasecmp(name, "php://", 6) == 0) name += 6;
  if (current_state()) {
    if (strcasecmp(name, "stdin") == 0) return open_input();
    if (strcasecmp(name, "stdout") == 0) {
      return open_output(channel_of(*current_state()) ? &output_ops : &error_ops);
    }
    if (strcasecmp(name, "stderr") == 0) return open_output(&error_ops);
  }
  // As stream_open_wrapper does: the engine's own wrapper is asked under its own name.
  return php_stream_php_wrapper.wops->stream_opener(
      const_cast<php_stream_wrapper*>(&php_stream_php_wrapper), path, mode, options, opened,
      context STREAMS_REL_CC);
}

const php_stream_wrapper_ops php_ops = {open_php, nullptr, nullptr, nullptr, nullptr, "PHP",
                                        nullptr,  nullptr, nullptr, nullptr, nullptr};
const php_stream_wrapper php_wrapper = {&php_ops, nullptr, 0};

void define_constant(const char* name, size_t size, php_stream* stream) {
  stream->flags |= PHP_STREAM_FLAG_NO_RSCR_DTOR_CLOSE;
  zend_constant constant;
  php_stream_to_zval(stream, &constant.value);
  ZEND_CONSTANT_SET_FLAGS(&constant, CONST_CS, 0);
  constant.name = zend_string_init_interned(name, size, 0);
  zend_register_constant(&constant);
}

}  // namespace

void replace_php_wrapper() {
  php_unregister_url_stream_wrapper("php");
  php_register_url_stream_wrapper("php", &php_wrapper);
}

void define_standard_streams(State& state) {
  state.frames = new FrameChannel(state);
  define_constant("STDIN", 5, open_input());
  define_constant("STDOUT", 6, open_output(&output_ops));
  define_constant("STDERR", 6, open_output(&error_ops));
}

void forget_standard_streams(State& state) noexcept {
  delete channel_of(state);
  state.frames = nullptr;
}

}  // namespace rr::php
