// HTTP middleware: what looks at requests before PHP has them and at answers on their way out.
// Middleware of others comes from plugins: one provides an HttpMiddlewareFactory and users name it
// in `http.middleware`.
//
// Middleware stands in a row, the outermost first. A request passes inward, through handle() of
// each, until one answers it or PHP does. An answer passes outward through the sinks of those that
// have added one for this request; middleware that only looks at requests costs answers nothing.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "rr/http.h"

namespace rr {

// Where an answer goes: any number of inform(), then respond() or respond_file(), or start(),
// pieces and finish(). Calls come one at a time, on any thread, and are over within the call: what
// is borrowed must be used or copied before it returns. False: the client is gone, nothing more is
// wanted; an answer may then end without finish(). Pieces with `release` are released by whoever
// gets them last.
class HttpAnswerSink {
 public:
  // `yes`: the caller may be kept until the client has taken enough (at most the write deadline).
  enum class Wait { no, yes };

  virtual ~HttpAnswerSink() = default;
  virtual bool inform(const HttpResponseHead& head) = 0;
  virtual bool respond(const HttpResponseHead& head, PinnedBytes body) = 0;
  virtual bool start(const HttpResponseHead& head) = 0;
  virtual bool write(PinnedBytes chunk, Wait wait) = 0;
  virtual bool add_trailers(std::span<const HeaderView> fields) = 0;
  virtual bool finish() = 0;
  // Unless overridden the file is read, in pieces, into start(), write() and finish().
  virtual bool respond_file(const HttpResponseHead& head, FileBytes body);
  virtual bool write_file(FileBytes chunk, Wait wait);
};

// Passes everything on, files as files: the base of sinks that look at a part of it only. (Its data
// is the one reference that every sink needs.)
class HttpAnswerFilter : public HttpAnswerSink {
 public:
  explicit HttpAnswerFilter(HttpAnswerSink& next) : next_(next) {}
  bool inform(const HttpResponseHead& head) override { return next_.inform(head); }
  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    return next_.respond(head, body);
  }
  bool start(const HttpResponseHead& head) override { return next_.start(head); }
  bool write(PinnedBytes chunk, Wait wait) override { return next_.write(chunk, wait); }
  bool add_trailers(std::span<const HeaderView> fields) override {
    return next_.add_trailers(fields);
  }
  bool finish() override { return next_.finish(); }
  bool respond_file(const HttpResponseHead& head, FileBytes body) override {
    return next_.respond_file(head, body);
  }
  bool write_file(FileBytes chunk, Wait wait) override { return next_.write_file(chunk, wait); }

 protected:
  HttpAnswerSink& next_;  // outlives this: sinks go with their request, the innermost first
};

// A request on its way inward, as one middleware finds it. For the time of its handle() only, but
// for next(). Texts given to it are copied.
class HttpCall {
 public:
  virtual const HttpRequest& request() const = 0;

  // ---- what those inside and PHP will see. Each call voids views of the request that were taken
  // before.
  virtual void add_field(std::string_view name, std::string_view value) = 0;
  virtual void remove_field(std::string_view name) = 0;
  void set_field(std::string_view name, std::string_view value) {
    remove_field(name);
    add_field(name, value);
  }
  // Who the client is: an address, with a port or without; also "unknown" and the like.
  virtual void set_remote_address(std::string_view address) = 0;
  virtual void add_attribute(std::string_view name, std::string_view value) = 0;

  // ---- fields of the answer, whoever gives it from here on inward (this middleware too), interim
  // ones as well. An answer's own fields of the same name follow them; set_ replaces what
  // middleware further out has set or added.
  virtual void add_answer_field(std::string_view name, std::string_view value) = 0;
  virtual void set_answer_field(std::string_view name, std::string_view value) = 0;

  // ---- looking at the answer: a sink that gives what it gets to next(), changed or not.
  virtual HttpAnswerSink& next() = 0;
  virtual void add_sink(std::unique_ptr<HttpAnswerSink> sink) = 0;

  // ---- answering here: the answer goes to those further out only. Null: nobody wants one any
  // more. The answer must be complete when handle() returns `answered`.
  virtual HttpExchange* take() = 0;
  void respond(const HttpResponseHead& head, std::string_view body = {}) {
    if (HttpExchange* exchange = take()) exchange->respond(head, PinnedBytes{body});
  }

 protected:
  ~HttpCall() = default;
};

enum class HttpVerdict { pass, answered };

// One of the row. Any number of threads call it at a time; it lives as long as any request that has
// passed it.
class HttpMiddleware {
 public:
  virtual ~HttpMiddleware() = default;
  // On the thread that read the request, body and all: blocking holds up other clients.
  virtual HttpVerdict handle(HttpCall& call) = 0;
};

class Context;

// What a plugin provides at init() (Context::provide) to offer middleware. A plugin that does so
// must not need the plugin `http`: it is initialised before it.
class HttpMiddlewareFactory {
 public:
  virtual std::string_view middleware_name() const = 0;  // as in `http.middleware`
  // Called once for each time the configuration is read that names it. Null: something that it
  // needs is not there, which it has logged; it is left out. Throws ConfigError.
  virtual std::unique_ptr<HttpMiddleware> make_middleware(Context& context) = 0;

 protected:
  ~HttpMiddlewareFactory() = default;
};

}  // namespace rr
