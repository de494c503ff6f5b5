// What one interpreter thread keeps beside the engine's own globals. Internal to runtime/php.
#pragma once

#include <atomic>
#include <csetjmp>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "runtime/php/engine_headers.h"
#include "runtime/php/interpreter.h"
#include "runtime/php/stack_ask.h"

namespace rr::php {

// How the exchange in hand is being served.
enum class Style : std::uint8_t {
  none,  // no exchange, or one of the object or frame styles: PHP's own output goes to the log
  superglobals,  // rr_embed_handle_request(): output and headers are the answer
  classic,       // one script run: output and headers are the answer
};

// Output of the script that was not given to the exchange yet, and the head of the answer. Plain
// memory of the host: it outlives a bailout and the request heap.
struct Answer {
  char* bytes = nullptr;
  std::size_t size = 0;
  std::size_t capacity = 0;

  int status = 200;
  bool head_ready = false;  // headers were handed over by the engine
  bool started = false;     // streaming
  bool finished = false;    // the exchange has its whole answer
  bool client_gone = false;
  bool no_body = false;  // HEAD
  std::string text;      // reason, then names and values of the headers
  struct Field {
    std::uint32_t name, name_size, value, value_size;
  };
  std::vector<Field> fields;
  std::uint32_t reason_size = 0;
  std::vector<HeaderView> views;  // built when the head is sent
};

// One flag word of the interpreter as other threads may see and set it.
struct Limits {
  std::atomic<bool> in_script{false};    // PHP code may be running
  std::atomic<bool> cancel{false};       // interrupt(0): leave the exchange in hand
  std::atomic<std::uint32_t> epoch{0};   // counts (re)armings of the CPU limit
  std::atomic<std::int64_t> seconds{0};  // the limit in force, 0 none
  // Guard's side, one thread only.
  std::uint32_t seen_epoch = 0;
  std::int64_t base_cpu_ns = 0;
};

struct WorkerBaseline;

struct State {
  State(const ScriptConfig& config, WorkSource& work, const log::Logger& log)
      : config(config), work(work), log(log) {}

  const ScriptConfig& config;
  WorkSource& work;
  const log::Logger& log;

  // ---- the exchange in hand
  Exchange* exchange = nullptr;
  HttpExchange* http = nullptr;
  const HttpRequest* request = nullptr;
  Style style = Style::none;
  bool exchange_answered = false;  // by the script
  std::size_t body_read = 0;       // of request->body, by PHP's POST readers
  Answer answer;

  // Texts of the request that the engine wants NUL-terminated; all in `scratch`.
  std::string scratch;
  std::string cookie;
  const char* script_name = nullptr;
  const char* path_info = nullptr;  // null: none
  const char* method = nullptr;
  char* request_uri = nullptr;
  std::string script_file;

  // ---- the script
  bool booting = false;  // worker script, before its first wait
  bool asked_for_work = false;
  bool stop_seen = false;  // next() said null
  bool selects = false;    // waits for work on STDIN's descriptor, and takes it by next()
  bool recycle_wanted = false;
  bool interrupted = false;  // by interrupt()
  bool unhealthy = false;    // bailout where none may be: take a new context
  int run_depth = 0;
  ScriptReport report;
  bool time_limit_hit = false;  // max_execution_time
  int last_error_type = 0;
  std::string last_error;   // last fatal error, "message in file:line"
  std::string last_output;  // tail of what a worker script printed
  std::string log_line;     // unfinished line printed outside an exchange
  WireRequest wire;
  std::string wire_error;
  WorkerBaseline* baseline = nullptr;
  void* overrides = nullptr;  // see overrides.cc
  void* frames = nullptr;     // goridge streams of this script, see frame_streams.h
  std::vector<char*> argv;
  std::vector<std::string> argv_text;
  std::vector<HeaderView> header_views;

  // ---- seen by other threads
  std::atomic<std::uint32_t> gate_active{0};  // inside the restart gate
  Limits limits;
  std::atomic<bool> interrupted_hard{false};  // PHP's own time-out was raised by interrupt(2)
  std::atomic<std::uint64_t> memory{0};
  std::mutex slot_mutex;  // guards what follows against the thread's end
  bool attached = false;
  zend_executor_globals* executor = nullptr;
  pthread_t thread{};
  int thread_id = 0;
  // Who wants to know where the script is; guarded by slot_mutex, too.
  std::vector<std::shared_ptr<StackAsk>> asks;
  std::atomic<bool> asked{false};  // there may be some
};

// The state of the calling thread's interpreter, null on other threads.
State* current_state() noexcept;

}  // namespace rr::php
