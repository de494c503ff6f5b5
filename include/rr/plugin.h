// What a plugin is: a part of the server with a section of the configuration and a life of its own.
// Faces that others look for (RPC methods, worker pools) are interfaces it provides at init.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "rr/config.h"
#include "rr/exchange.h"
#include "rr/log.h"
#include "rr/pool.h"
#include "rr/result.h"

namespace rr {

// What a plugin finds around it. Lives as long as the plugin. init() only, unless said otherwise.
class Context {
 public:
  // Any thread, any time: the logger of a name (by custom the plugin's).
  virtual Logger logger(std::string_view name) = 0;

  // Whether the configuration has the section ("http: {}" is one, "http:" is none).
  virtual bool has(std::string_view section) const = 0;
  // Decodes a section by its table ("http", "http.static"); ConfigError with RoadRunner's
  // operations, which name the plugin.
  template <config::Section T>
  T section(std::string_view name) {
    return section<T>(name, name);
  }
  template <config::Section T>
  T section(std::string_view name, std::string_view plugin) {
    T out;
    if (const config::Node* node = find(name)) {
      config::Errors errors;
      config::Errors::Scope scope(errors, {}, *node);
      config::decode_value(*node, out, errors);
      keep_warnings(name, errors);
      errors.throw_if_any({std::string(plugin) + "_plugin_init", "config_plugin_unmarshal_key"});
    }
    return out;
  }

  // The whole configuration as it was written, for a section whose keys are names of the user's.
  virtual const config::Node& configuration() const = 0;

  // The whole configuration as JSON, keys in lower case: what `rpc.Config` shows. Any thread, any
  // time.
  virtual std::string config_json() const = 0;

  // Interfaces of other parts. get() is for what needs() names; provide() keeps a reference.
  template <class T>
  T& get() {
    return *static_cast<T*>(need(typeid(T)));
  }
  template <class T>
  T* look_for() {
    const auto all = interfaces(typeid(T));
    return all.empty() ? nullptr : static_cast<T*>(all.front());
  }
  template <class T>
  void provide(T& interface) {
    add(typeid(T), &interface);
  }
  // Every interface of a kind, in the order of the plugins. Complete once every init() has
  // returned.
  template <class T>
  std::vector<T*> all() const {
    std::vector<T*> out;
    for (void* each : interfaces(typeid(T))) out.push_back(static_cast<T*>(each));
    return out;
  }

 protected:
  ~Context() = default;
  virtual const config::Node* find(std::string_view section) const = 0;
  virtual void keep_warnings(std::string_view section, const config::Errors& errors) = 0;
  virtual void* need(std::type_index type) = 0;
  virtual std::vector<void*> interfaces(std::type_index type) const = 0;
  virtual void add(std::type_index type, void* interface) = 0;
};

// All members are called by the main thread, one plugin at a time.
class Plugin {
 public:
  virtual ~Plugin() = default;

  // Reads the configuration and provides interfaces. No threads, no sockets. Throws ConfigError.
  virtual void init(Context& context) = 0;
  // Comes up: workers ready, listening. Blocks until it is, or says why it cannot.
  virtual Result<void> serve() = 0;
  // Stops taking work at once: closes listeners. The others are still up.
  virtual void refuse() {}
  // Another server has taken over the listening sockets: as refuse(), but clients that are here may
  // ask once more, and hear then that it was the last time. Blocks until they have gone, at most
  // until `until`; stop() follows.
  virtual void hand_over(TimePoint until) { (void)until; }
  // Lets running work end until the deadline, then ends it. Blocks. Called after serve(), whatever
  // it returned.
  virtual void stop(TimePoint deadline) = 0;
};

// ---- interfaces a plugin may provide

// A method's argument and result as bytes in a codec (spec 01 §1.2).
enum class RpcCodec : std::uint8_t { raw = 0x04, json = 0x08, msgpack = 0x10, proto = 0x80 };

// Methods that PHP and the command line call over RPC. Thread-safe.
class RpcService {
 public:
  virtual std::string_view rpc_name() const = 0;  // "informer"
  // May block, unless blocks() says otherwise. Errc::not_found: no such method (the caller words
  // it). Other errors: Error::text() is sent as it is.
  virtual Result<std::string> call(std::string_view method, RpcCodec codec,
                                   std::string_view argument) = 0;
  // Whether a method may wait or take long. One that does not is answered by the thread that reads
  // the call, which saves two wake-ups.
  virtual bool blocks(std::string_view) const { return true; }
  // The same where the argument decides: the answer, when there is one without waiting; nothing
  // when it takes a call() on a thread that may block. Called first, and only there.
  virtual std::optional<Result<std::string>> call_at_once(std::string_view method, RpcCodec codec,
                                                          std::string_view argument) {
    if (blocks(method)) return std::nullopt;
    return call(method, codec, argument);
  }

 protected:
  ~RpcService() = default;
};

// A plugin that can take over a changed configuration while it runs, or the same one with fresh
// workers. Called by one thread, between serve() and refuse(), unless said otherwise.
class Reloadable {
 public:
  // What a configuration asks for, ready to be taken. Destroyed without use() nothing has changed.
  class Change {
   public:
    virtual ~Change() = default;
    // New workers are ready, new addresses bound. Blocks; an error leaves everything as it was.
    virtual Result<void> start() = 0;
    // Any thread: a start() that blocks returns soon, with an error.
    virtual void cancel() = 0;
    // It counts from here on. What was there before ends behind what it has in hand; not waited
    // for.
    virtual void use() = 0;
  };

  // Its section of the configuration.
  virtual std::string_view section_name() const = 0;
  // Reads its section from `context`, which outlives the change. Throws ConfigError.
  virtual std::unique_ptr<Change> prepare(Context& context) = 0;
  // Keys of the section that a start alone decides ("http.reuse_port"), with what is below them.
  virtual std::vector<std::string> fixed_keys() const = 0;

 protected:
  ~Reloadable() = default;
};

// A plugin with workers: listed by informer, reset by resetter. Thread-safe.
class WorkerHost {
 public:
  struct Named {
    std::string name;            // "http:admin"
    std::shared_ptr<Pool> pool;  // with the plugin, which may let go of it at a reload
  };
  virtual std::string_view host_name() const = 0;  // "http"
  virtual Pool& pool() = 0;
  // Those beside pool(), as they are now: by name.
  virtual std::vector<Named> more_pools() { return {}; }

 protected:
  ~WorkerHost() = default;
};

// Plugins are named here, each by a line of register_all() (runtime/app/plugins.cc).
class PluginRegistry {
 public:
  struct Entry {
    std::string name;
    std::string section;             // created only when the configuration has it; empty: always
    std::vector<std::string> needs;  // plugins that must exist and be up before it
    std::vector<std::string> after;  // plugins that come before it where they exist
    std::unique_ptr<Plugin> (*make)();
  };
  template <class T>
  void add(std::string name, std::string section, std::vector<std::string> needs = {},
           std::vector<std::string> after = {}) {
    add({std::move(name), std::move(section), std::move(needs), std::move(after),
         []() -> std::unique_ptr<Plugin> { return std::make_unique<T>(); }});
  }
  void add(Entry entry) { entries_.push_back(std::move(entry)); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace rr
