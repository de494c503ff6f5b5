// Everything an interpreter needs, without sockets: exchanges made from text, a source that hands
// them out in order, and an engine that lives as long as the test program.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rr/http.h"
#include "runtime/php/interpreter.h"

namespace rr::php::testing {

// What a client sent and what it would have seen. Used on one thread at a time.
class FakeExchange final : public HttpExchange {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  struct Head {
    int status = 0;
    std::string reason;
    Headers headers;
    std::string header(std::string_view name) const;
    bool has(std::string_view name) const;
  };

  FakeExchange(std::string method, std::string target, Headers headers = {}, std::string body = {});

  const HttpRequest& request() const override { return request_; }
  bool inform(const HttpResponseHead& head) override;
  bool respond(const HttpResponseHead& head, PinnedBytes body) override;
  bool start(const HttpResponseHead& head) override;
  bool write(PinnedBytes chunk) override;
  bool respond_file(const HttpResponseHead&, FileBytes) override { return false; }
  bool write_file(FileBytes) override { return false; }
  bool add_trailers(std::span<const HeaderView> fields) override;
  bool finish() override;
  bool started() const override { return head.has_value(); }
  bool aborted() const override { return client_gone; }
  Result<void> encode(WireRequest& out) override;
  bool answer(const WireAnswer& frame) override;

  // Forgets the answer, to be handed out again.
  void rewind();

  std::vector<Head> informed;
  std::optional<Head> head;
  std::string body;
  std::vector<std::string> chunks;
  Headers trailers;
  bool finished = false;
  bool client_gone = false;
  std::optional<Error> error;
  std::function<void()> on_write;
  // Wire view.
  std::string context;
  std::uint8_t flags = 8;
  struct Frame {
    std::uint8_t flags;
    bool more;
    std::string context, body;
  };
  std::vector<Frame> frames;
  std::size_t stop_after_frames = ~std::size_t{0};

 private:
  void answer_error(const Error& error) override;
  void dispose() override {}
  TextSpan add(std::string_view text);

  std::string text_;
  std::vector<HttpField> fields_;
  std::string request_body_;
  HttpRequest request_;
};

// With USE_ZEND_ALLOC=0, as sanitizers want it, memory_limit does not hold.
bool memory_limit_holds();

// Hands out exchanges in order, then says null.
class FakeSource final : public WorkSource {
 public:
  Exchange* next(TimePoint deadline) override;
  void done() override;
  bool stopping() const override { return stopping_; }
  void recycle() override { recycle_asked = true; }
  int ready_descriptor() override { return -1; }
  int worker_id() const override { return 3; }
  TimePoint running_since() const override { return {}; }
  void note_time_limit(TimePoint when) override { time_limit_noted = when; }

  FakeExchange& add(std::string method, std::string target, FakeExchange::Headers headers = {},
                    std::string body = {});
  void again(FakeExchange& exchange) { waiting.push_back(&exchange); }

  std::vector<std::unique_ptr<FakeExchange>> all;
  std::deque<FakeExchange*> waiting;
  std::atomic<FakeExchange*> in_hand{nullptr};  // the interpreter's thread; others may look
  std::function<void(FakeExchange&)> on_next;
  std::size_t handed_out = 0;
  std::size_t concluded = 0;
  bool recycle_asked = false;
  std::optional<TimePoint> time_limit_noted;
  std::size_t repeat = 0;  // hand out the first exchange so many more times

 private:
  bool stopping_ = false;
};

// A folder for scripts, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string write(const std::string& name, std::string_view content) const;
  std::string path;
};

// A channel that keeps what is logged.
std::vector<std::string> take_log();
const log::Logger& test_log();
// Starts the engine at the first call.
void need_engine();

// A worker or classic script and the thread to run it on (8 MiB of stack).
struct ScriptRun {
  FakeSource source;
  ScriptConfig config;
  ScriptReport report;
  std::function<void(Interpreter&)> meanwhile;  // on the calling thread, while the script runs

  // Runs one life of `config.script`.
  void operator()();
};

}  // namespace rr::php::testing
