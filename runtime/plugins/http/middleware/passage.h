// A request on its way through the middleware, and its answer on the way back.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rr/http_middleware.h"
#include "rr/log.h"
#include "runtime/net/http/transaction.h"

namespace rr::http {

// Belongs to its exchange and is reused with it. Whoever has the exchange may use it. Answers enter
// here and go through the sinks. A field that middleware has set for answers joins them where they
// leave that middleware: a sink sees what was set further in, not what was set further out.
class Passage final : public HttpCall, public HttpAnswerSink {
 public:
  // The request begins its way; from now on its answers enter here.
  void begin(net::http::Transaction& transaction, const Logger& log);
  // What must outlive the answer, where the request's configuration may not.
  void hold(std::shared_ptr<const void> chain) { held_ = std::move(chain); }
  const void* held() const { return held_.get(); }
  // Forgets sinks and fields. When the request is over.
  void clear();

  // ---- HttpCall
  const HttpRequest& request() const override { return transaction_->request(); }
  void add_field(std::string_view name, std::string_view value) override;
  void remove_field(std::string_view name) override;
  void set_remote_address(std::string_view address) override;
  void add_attribute(std::string_view name, std::string_view value) override;
  void add_answer_field(std::string_view name, std::string_view value) override;
  void set_answer_field(std::string_view name, std::string_view value) override;
  HttpAnswerSink& next() override;
  void add_sink(std::unique_ptr<HttpAnswerSink> sink) override;
  HttpExchange* take() override;

  // ---- HttpAnswerSink
  bool inform(const HttpResponseHead& head) override;
  bool respond(const HttpResponseHead& head, PinnedBytes body) override;
  bool start(const HttpResponseHead& head) override;
  bool write(PinnedBytes chunk, Wait wait) override;
  bool add_trailers(std::span<const HeaderView> fields) override;
  bool finish() override;
  bool respond_file(const HttpResponseHead& head, FileBytes body) override;
  bool write_file(FileBytes chunk, Wait wait) override;

 private:
  // A field of the answer; texts are in text_.
  struct Preset {
    TextSpan name;
    TextSpan value;
    std::uint32_t stage;  // where it joins an answer
  };
  class Stage;
  // The head with the fields of a stage before its own; `merged` has them.
  HttpResponseHead with_presets(const HttpResponseHead& head, std::uint32_t stage,
                                std::vector<HeaderView>& merged) const;
  HttpAnswerSink& outward();
  std::string_view text(TextSpan span) const {
    return std::string_view(text_).substr(span.offset, span.length);
  }
  TextSpan keep(std::string_view text);

  net::http::Transaction* transaction_ = nullptr;  // has this
  Logger log_;
  std::vector<Preset> presets_;
  std::uint32_t stage_ = 0;  // of what is set now
  std::string text_;
  std::vector<HeaderView> merged_;
  std::shared_ptr<const void> held_;                    // longer than the sinks
  std::vector<std::unique_ptr<HttpAnswerSink>> sinks_;  // the outermost first
};

}  // namespace rr::http
