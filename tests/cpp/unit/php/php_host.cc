#include "tests/cpp/unit/php/php_host.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace rr::php::testing {
namespace {

FakeExchange::Head copy(const HttpResponseHead& head) {
  FakeExchange::Head out;
  out.status = head.status;
  out.reason = head.reason;
  for (const HeaderView& field : head.headers) out.headers.emplace_back(field.name, field.value);
  return out;
}

void give_back(const PinnedBytes& bytes) {
  if (bytes.release) bytes.release(bytes.owner);
}

class KeepingChannel final : public log::Channel {
 public:
  KeepingChannel() : Channel(log::Level::debug) {}
  void write(log::Level, std::string_view message, std::span<const log::KeyValue>) override {
    std::lock_guard lock(mutex);
    while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
    lines.emplace_back(message);
    if (getenv("RR_TEST_LOG"))
      std::fprintf(stderr, "log: %.*s\n", static_cast<int>(message.size()), message.data());
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

KeepingChannel& channel() {
  static KeepingChannel kept;
  return kept;
}

}  // namespace

std::string FakeExchange::Head::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return value;
  }
  return {};
}

bool FakeExchange::Head::has(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return true;
  }
  return false;
}

FakeExchange::FakeExchange(std::string method, std::string target, Headers headers,
                           std::string body)
    : request_body_(std::move(body)) {
  HttpHead& out = request_.head;
  text_.reserve(64 * 1024);
  out.method = add(method);
  out.target = add(target);
  std::size_t mark = target.find('?');
  out.path = add(std::string_view(target).substr(0, mark));
  out.query =
      mark == std::string::npos ? TextSpan{} : add(std::string_view(target).substr(mark + 1));
  out.remote_address = add("127.0.0.1");
  out.local_address = add("127.0.0.1");
  out.remote_port = 40000;
  out.local_port = 8080;
  out.head_method = method == "HEAD";
  bool host = false;
  for (const auto& [name, value] : headers) host = host || strcasecmp(name.c_str(), "host") == 0;
  if (!host) headers.insert(headers.begin(), {"Host", "example.org"});
  for (const auto& [name, value] : headers) {
    HttpField field{add(name), add(value)};
    if (strcasecmp(name.c_str(), "host") == 0) out.host = field.value;
    if (strcasecmp(name.c_str(), "content-type") == 0) out.content_type = field.value;
    fields_.push_back(field);
  }
  if (!request_body_.empty()) out.content_length = static_cast<std::int64_t>(request_body_.size());
  request_.text = text_.data();
  request_.fields = fields_;
  request_.body = request_body_;
  request_.received = Clock::now();
  request_.received_unix_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count();
}

TextSpan FakeExchange::add(std::string_view text) {
  TextSpan span{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
  text_ += text;
  return span;
}

bool FakeExchange::inform(const HttpResponseHead& given) {
  informed.push_back(copy(given));
  return !client_gone;
}

bool FakeExchange::respond(const HttpResponseHead& given, PinnedBytes bytes) {
  if (!begin_write()) return false;
  head = copy(given);
  body.assign(bytes.bytes);
  give_back(bytes);
  finished = true;
  end_write(true);
  return !client_gone;
}

bool FakeExchange::start(const HttpResponseHead& given) {
  if (!begin_write()) return false;
  head = copy(given);
  end_write(false);
  return !client_gone;
}

bool FakeExchange::write(PinnedBytes chunk) {
  if (!begin_write()) return false;
  chunks.emplace_back(chunk.bytes);
  body += chunk.bytes;
  give_back(chunk);
  end_write(false);
  if (on_write) on_write();
  return !client_gone;
}

bool FakeExchange::add_trailers(std::span<const HeaderView> fields) {
  for (const HeaderView& field : fields) trailers.emplace_back(field.name, field.value);
  return !client_gone;
}

bool FakeExchange::finish() {
  if (!begin_write()) return false;
  finished = true;
  end_write(true);
  return !client_gone;
}

Result<void> FakeExchange::encode(WireRequest& out) {
  out.flags = flags;
  out.context = context;
  out.body = request_body_;
  return {};
}

bool FakeExchange::answer(const WireAnswer& frame) {
  if (!begin_write()) return false;
  frames.push_back({frame.flags, frame.more, std::string(frame.context), std::string(frame.body)});
  finished = finished || !frame.more;
  end_write(!frame.more);
  return frames.size() < stop_after_frames;
}

void FakeExchange::answer_error(const Error& given) {
  error = given;
  finished = true;
}

void FakeExchange::rewind() {
  reset_state();
  head.reset();
  body.clear();
  chunks.clear();
  frames.clear();
  finished = false;
}

Exchange* FakeSource::next(TimePoint) {
  if (in_hand) done();
  if (waiting.empty() && repeat && !all.empty()) {
    --repeat;
    all.front()->rewind();
    waiting.push_back(all.front().get());
  }
  if (waiting.empty() || recycle_asked) {
    stopping_ = true;
    return nullptr;
  }
  FakeExchange* next = waiting.front();
  in_hand = next;
  waiting.pop_front();
  if (on_next) on_next(*next);
  next->begin();
  ++handed_out;
  return next;
}

void FakeSource::done() {
  if (!in_hand) return;
  in_hand.load()->fail(Error{Errc::network, "test", "the script gave no answer"});
  in_hand = nullptr;
  ++concluded;
}

FakeExchange& FakeSource::add(std::string method, std::string target, FakeExchange::Headers headers,
                              std::string body) {
  all.push_back(std::make_unique<FakeExchange>(std::move(method), std::move(target),
                                               std::move(headers), std::move(body)));
  waiting.push_back(all.back().get());
  return *all.back();
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "rr-php-XXXXXX").string();
  path = mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::string Folder::write(const std::string& name, std::string_view content) const {
  std::filesystem::path file = std::filesystem::path(path) / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}

std::vector<std::string> take_log() {
  std::lock_guard lock(channel().mutex);
  return std::exchange(channel().lines, {});
}

const log::Logger& test_log() {
  static const log::Logger logger(channel());
  return logger;
}

bool memory_limit_holds() {
  need_engine();
  const char* off = getenv("USE_ZEND_ALLOC");
  return !off || *off != '0';
}

void need_engine() {
  static const std::unique_ptr<Engine> engine = [] {
    EngineConfig config;
    config.threads = 8;
    auto started = Engine::start(config, test_log());
    if (!started) {
      std::fprintf(stderr, "%s\n", started.error().text().c_str());
      abort();
    }
    return std::move(started).value();
  }();
}

void ScriptRun::operator()() {
  need_engine();
  struct Shared {
    ScriptRun* run;
    std::mutex mutex;
    Interpreter* interpreter = nullptr;
    std::atomic<bool> over{false};
  } shared{this, {}, nullptr, {false}};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 8 * 1024 * 1024);
  pthread_t thread;
  pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        auto& both = *static_cast<Shared*>(argument);
        {
          Interpreter interpreter(both.run->config, both.run->source, test_log());
          {
            std::lock_guard lock(both.mutex);
            both.interpreter = &interpreter;
          }
          both.run->report = interpreter.run();
          both.over = true;
          std::lock_guard lock(both.mutex);
          both.interpreter = nullptr;
        }
        return nullptr;
      },
      &shared);
  pthread_attr_destroy(&attributes);
  if (meanwhile) {
    for (;;) {
      {
        std::lock_guard lock(shared.mutex);
        if (shared.over) break;
        if (shared.interpreter) meanwhile(*shared.interpreter);
      }
      timespec pause{0, 5'000'000};
      nanosleep(&pause, nullptr);
    }
  }
  pthread_join(thread, nullptr);
}

}  // namespace rr::php::testing
