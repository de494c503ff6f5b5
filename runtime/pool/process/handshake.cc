#include "runtime/pool/process/handshake.h"

#include <algorithm>
#include <climits>

#include <nlohmann/json.hpp>

namespace rr::pool {
namespace {

// What the PHP CLI prints to stdout when there is no script: "Could not open input file: …".
constexpr std::string_view kNoScript = "Could not op";

}  // namespace

std::string pid_request(pid_t server) {
  const std::string payload = "{\"pid\":" + std::to_string(server) + "}";
  goridge::Header header;
  header.flags = goridge::flag::control | goridge::flag::codec_json;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  char bytes[goridge::kMaxHeaderBytes];
  return std::string(bytes, goridge::encode(header, bytes)) + payload;
}

Handshake::State Handshake::feed(std::string_view bytes) {
  bytes_.append(bytes);
  if (state_ == State::draining) return bytes_.size() < kMaxQuoted ? state_ : end();
  switch (reader_.parse(bytes_)) {
    case goridge::Parse::incomplete:
      return state_;
    case goridge::Parse::malformed:
      return state_ = State::draining;
    case goridge::Parse::complete:
      break;
  }
  return check(reader_.payload(bytes_));
}

Handshake::State Handshake::end() {
  if (state_ == State::waiting) {
    return fail(bytes_.empty() ? "EOF" : "unexpected EOF");
  }
  if (bytes_.starts_with(kNoScript)) {
    return fail("\n\tgoridge_frame_receive: FileNotFound: " +
                (bytes_.size() > kNoScript.size() ? bytes_ : std::string("file not found")));
  }
  return fail(
      "\n\tgoridge_frame_receive: validation failed on the message sent to STDOUT, see: "
      "https://docs.roadrunner.dev/error-codes/stdout-crc, invalid message: " +
      bytes_);
}

Handshake::State Handshake::check(std::string_view payload) {
  if ((reader_.header().flags & goridge::flag::control) == 0) {
    return fail("unexpected response, header is missing, no CONTROL flag");
  }
  const auto reply = nlohmann::json::parse(payload, nullptr, false);
  if (!reply.is_object()) {
    return fail("the answer to the pid request is not a JSON object: " + std::string(payload));
  }
  const auto pid = reply.find("pid");
  if (pid == reply.end() || !pid->is_number_integer() || pid->get<std::int64_t>() <= 0) {
    return fail("pid should be greater than 0");
  }
  // Over pipes nobody compares it: a shell or another pid namespace may stand between.
  pid_ = static_cast<pid_t>(std::min<std::int64_t>(pid->get<std::int64_t>(), INT_MAX));
  if (bytes_.size() > reader_.frame_size()) {
    bytes_.erase(0, reader_.frame_size());
    state_ = State::draining;
    return state_;
  }
  return state_ = State::ready;
}

Handshake::State Handshake::fail(std::string error) {
  error_ = std::move(error);
  return state_ = State::failed;
}

}  // namespace rr::pool
