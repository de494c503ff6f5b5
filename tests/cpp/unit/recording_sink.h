// The end of a chain of sinks, for tests: keeps what came.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rr/http_middleware.h"

namespace rr {

class RecordingSink final : public HttpAnswerSink {
 public:
  struct Head {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string header(std::string_view name) const {
      std::string all;
      for (const auto& [known, value] : headers) {
        if (known == name) all += (all.empty() ? "" : "|") + value;
      }
      return all;
    }
  };

  bool inform(const HttpResponseHead& head) override {
    informed.push_back(copy(head));
    return alive;
  }
  bool respond(const HttpResponseHead& head, PinnedBytes bytes) override {
    this->head = copy(head);
    body.append(bytes.bytes);
    whole = finished = true;
    if (bytes.release) bytes.release(bytes.owner);
    return alive;
  }
  bool start(const HttpResponseHead& head) override {
    this->head = copy(head);
    return alive;
  }
  bool write(PinnedBytes chunk, Wait) override {
    body.append(chunk.bytes);
    pieces.emplace_back(chunk.bytes);
    if (chunk.release) chunk.release(chunk.owner);
    return alive;
  }
  bool add_trailers(std::span<const HeaderView>) override { return alive; }
  bool finish() override {
    finished = true;
    return alive;
  }

  std::vector<Head> informed;
  Head head;
  std::string body;
  std::vector<std::string> pieces;
  bool whole = false;
  bool finished = false;
  bool alive = true;

 private:
  static Head copy(const HttpResponseHead& head) {
    Head out{head.status, {}};
    for (const HeaderView& header : head.headers)
      out.headers.emplace_back(header.name, header.value);
    return out;
  }
};

}  // namespace rr
