// One PHP interpreter on one thread, and the engine they share. With ext/ the only room that knows
// PHP; this header does not include it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rr/exchange.h"
#include "rr/log.h"
#include "rr/result.h"

namespace rr::php {

// What the interpreters of one pool run. Immutable once threads use it.
struct ScriptConfig {
  std::string script;                                            // absolute path
  std::vector<std::string> arguments;                            // $argv[1…]
  std::vector<std::pair<std::string, std::string>> ini;          // -d of server.command
  std::vector<std::pair<std::string, std::string>> environment;  // getenv() and $_SERVER
  bool classic = false;       // run a script per request, as under PHP-FPM
  std::string document_root;  // classic: folder of `script`
  std::string mode = "http";  // RR_MODE
};

// Process-wide settings that PHP reads once.
struct EngineConfig {
  unsigned threads = 1;     // interpreters expected, at most
  std::string ini_path;     // -c of server.command, empty: as PHP finds it
  bool ignore_ini = false;  // -n
  std::vector<std::pair<std::string, std::string>> ini;  // -d of the first pool: SYSTEM settings
  std::string sapi_name = "rr-embed";
};

// The PHP module: started once by the main thread, before any other thread exists (the opcache
// helper is forked then), stopped by it after the last interpreter has gone.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> start(const EngineConfig& config, const log::Logger& log);
  // With threads still inside PHP: do not destroy, leave by _exit.
  ~Engine();
  static std::string version();  // "8.2.32"
  // A setting that is no setting of a thread: what start() was given counts to the end. Any thread,
  // after start().
  static bool reads_once(const std::string& name);
  // opcache wants to restart, for which every worker script must leave: `drain` makes every
  // interpreter's next() say null once, as a reset does, and returns without waiting. Called on an
  // interpreter's thread. To be set before the first interpreter runs.
  static void on_drain(void (*drain)(void* context), void* context);

 private:
  Engine();
};

// Where a script on a thread gets its work. Implemented by pool/embed, called on the interpreter's
// thread only.
class WorkSource {
 public:
  // Waits for the next exchange, which is then `running` and this thread's until done(). Null:
  // leave the script (recycle, stop). `deadline`: give up then, null too (see stopping()).
  virtual Exchange* next(TimePoint deadline) = 0;
  // The exchange is over: answered by the script, or failed by the caller of done(). The connection
  // may be let go now.
  virtual void done() = 0;
  // The exchange in hand has been failed with this; done() follows. For those who watch.
  virtual void failed(const Error& error) { (void)error; }
  // The exchange in hand ended in a fatal error of PHP's, which has answered it. For those who
  // watch.
  virtual void script_failed(std::string_view message) { (void)message; }
  // The exchange in hand was not begun (a goridge worker answered {"stop":true}): another worker
  // gets it.
  virtual void hand_back() { done(); }
  // Whether next() has said null for good.
  virtual bool stopping() const = 0;
  // The script asked for a fresh interpreter after this exchange.
  virtual void recycle() = 0;
  // Readable while next() would return at once; for stream_select. -1 until first asked for.
  virtual int ready_descriptor() = 0;
  // Slot of this worker: stable over recycles, from 1.
  virtual int worker_id() const = 0;
  // When next() gave what is running.
  virtual TimePoint running_since() const = 0;
  // The script's CPU limit now ends no sooner than `when` (first one, or a nearer one than before):
  // check_time_limit() wants to be called by then. Not called per request.
  virtual void note_time_limit(TimePoint when) { (void)when; }

 protected:
  ~WorkSource() = default;
};

class StackAsk;
struct State;

// Why a script ended.
enum class ScriptEnd : std::uint8_t {
  returned,     // ran to its end
  stopped,      // next() said null and the script left
  exited,       // exit(), die()
  fatal,        // fatal error, memory limit, uncaught exception outside a handler
  interrupted,  // exec_ttl or max_execution_time
  failed,       // could not be opened or compiled
};
std::string_view to_string(ScriptEnd end);

struct ScriptReport {
  ScriptEnd end = ScriptEnd::returned;
  bool asked_for_work = false;  // called next() at least once
  int exit_status = 0;
  std::string message;  // last error with file and line, or the last lines it printed
};

// Thread rules: made, run and destroyed on one thread (8 MiB of stack; signals blocked but the
// interrupt signal); members that say so may be called by any thread.
class Interpreter {
 public:
  Interpreter(const ScriptConfig& config, WorkSource& work, const log::Logger& log);
  ~Interpreter();

  // One life: fresh request, run, clean up. May be called again on the same thread (recycle).
  // Worker scripts: runs the script once. Classic: serves exchanges until next() says null or the
  // interpreter must be renewed.
  ScriptReport run();

  // Compiles a file in a request of its own and runs nothing of it; opcache forgets what it had of
  // it. Returns PHP's error, with file and line; empty: none.
  std::string compile(const std::string& file);

  // ---- any thread
  // exec_ttl: ends the exchange in hand as an interrupted script. `stage` rises with each try:
  // 0 asks the VM, 1 also interrupts a blocking system call, 2 raises PHP's own time-out.
  void interrupt(int stage);
  // Guard: looks at the script's CPU time against max_execution_time / set_time_limit and raises
  // PHP's own fatal error when over. Returns when to look again.
  TimePoint check_time_limit(TimePoint now);
  std::uint64_t memory_bytes() const;  // Zend memory when it last asked for work
  // The ask is answered at the next safe point: a loop's next round, the call of a function written
  // in PHP, the wait for work. False: it waits for work now, and has none.
  bool ask_stack(std::shared_ptr<StackAsk> ask);
  // The function written in C that the script is in: "sleep()", "PDO::query()". Empty: in none, or
  // not known. For scripts that have not answered an ask for a while: in others it changes quickly.
  std::string c_call() const;

 private:
  std::unique_ptr<State> state_;
};

// Interpreter::compile() of each file, on a thread made for it. Blocks. Any thread, while an engine
// runs.
std::vector<std::string> check_syntax(const std::vector<std::string>& files);

}  // namespace rr::php
