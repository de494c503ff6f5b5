#include "runtime/plugins/http/middleware/passage.h"

#include <algorithm>

#include "runtime/net/http/response.h"
#include "runtime/plugins/http/remote_address.h"

namespace rr::http {

// Between two sinks: fields that were set by the middleware there.
class Passage::Stage final : public HttpAnswerFilter {
 public:
  Stage(const Passage& passage, std::uint32_t number, HttpAnswerSink& next)
      : HttpAnswerFilter(next), passage_(passage), number_(number) {}

  bool inform(const HttpResponseHead& head) override { return next_.inform(with_presets(head)); }
  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    return next_.respond(with_presets(head), body);
  }
  bool start(const HttpResponseHead& head) override { return next_.start(with_presets(head)); }
  bool respond_file(const HttpResponseHead& head, FileBytes body) override {
    return next_.respond_file(with_presets(head), body);
  }

 private:
  HttpResponseHead with_presets(const HttpResponseHead& head) {
    return passage_.with_presets(head, number_, merged_);
  }

  const Passage& passage_;  // has this
  const std::uint32_t number_;
  std::vector<HeaderView> merged_;
};

void Passage::begin(net::http::Transaction& transaction, const Logger& log) {
  transaction_ = &transaction;
  log_ = log;
  transaction.enter_answers_at(*this);
}

void Passage::clear() {
  constexpr std::size_t kKept = 4096;
  while (!sinks_.empty()) sinks_.pop_back();  // the innermost first: they point outward
  held_.reset();
  presets_.clear();
  stage_ = 0;
  merged_.clear();
  text_.clear();
  if (text_.capacity() > kKept) text_.shrink_to_fit();
  transaction_ = nullptr;
}

void Passage::add_field(std::string_view name, std::string_view value) {
  transaction_->add_field(name, value);
}

void Passage::remove_field(std::string_view name) {
  transaction_->remove_field(name);
}

void Passage::set_remote_address(std::string_view address) {
  const auto reduced = reduce_remote_address(address);
  if (!reduced) log_.warn("remote address parsing failure", kv("remote_address", address));
  transaction_->set_remote_address(reduced.value_or(""));
}

void Passage::add_attribute(std::string_view name, std::string_view value) {
  transaction_->add_attribute(name, value);
}

TextSpan Passage::keep(std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(text_.size());
  text_.append(text);
  return {offset, static_cast<std::uint32_t>(text.size())};
}

void Passage::add_answer_field(std::string_view name, std::string_view value) {
  const TextSpan kept = keep(name);
  presets_.push_back({kept, keep(value), stage_});
}

void Passage::set_answer_field(std::string_view name, std::string_view value) {
  std::erase_if(presets_, [&](const Preset& preset) {
    return net::http::equals_ignoring_case(text(preset.name), name);
  });
  add_answer_field(name, value);
}

HttpAnswerSink& Passage::next() {
  const bool set_here = std::any_of(presets_.begin(), presets_.end(),
                                    [&](const Preset& preset) { return preset.stage == stage_; });
  if (set_here) sinks_.push_back(std::make_unique<Stage>(*this, stage_++, outward()));
  return outward();
}

HttpAnswerSink& Passage::outward() {
  return sinks_.empty() ? transaction_->way_out() : *sinks_.back();
}

void Passage::add_sink(std::unique_ptr<HttpAnswerSink> sink) {
  sinks_.push_back(std::move(sink));
}

HttpExchange* Passage::take() {
  return transaction_->begin() ? transaction_ : nullptr;
}

HttpResponseHead Passage::with_presets(const HttpResponseHead& head, std::uint32_t stage,
                                       std::vector<HeaderView>& merged) const {
  if (presets_.empty()) return head;
  merged.clear();
  for (const Preset& preset : presets_) {
    if (preset.stage == stage) merged.push_back({text(preset.name), text(preset.value)});
  }
  merged.insert(merged.end(), head.headers.begin(), head.headers.end());
  return {.status = head.status, .reason = head.reason, .headers = merged};
}

bool Passage::inform(const HttpResponseHead& head) {
  return outward().inform(with_presets(head, stage_, merged_));
}

bool Passage::respond(const HttpResponseHead& head, PinnedBytes body) {
  return outward().respond(with_presets(head, stage_, merged_), body);
}

bool Passage::start(const HttpResponseHead& head) {
  return outward().start(with_presets(head, stage_, merged_));
}

bool Passage::write(PinnedBytes chunk, Wait wait) {
  return outward().write(chunk, wait);
}

bool Passage::add_trailers(std::span<const HeaderView> fields) {
  return outward().add_trailers(fields);
}

bool Passage::finish() {
  return outward().finish();
}

bool Passage::respond_file(const HttpResponseHead& head, FileBytes body) {
  return outward().respond_file(with_presets(head, stage_, merged_), body);
}

bool Passage::write_file(FileBytes chunk, Wait wait) {
  return outward().write_file(chunk, wait);
}

}  // namespace rr::http
