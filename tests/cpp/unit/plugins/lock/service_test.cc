// The methods of `lock`, byte by byte, as the router calls them.
#include "runtime/plugins/lock/service.h"

#include <future>

#include <gtest/gtest.h>

#include "rr/protobuf.h"
#include "runtime/goridge/rpc.h"
#include "runtime/plugins/lock/lock_table.h"
#include "runtime/plugins/rpc/router.h"

namespace rr::lock {
namespace {

using namespace std::string_literals;
namespace flag = goridge::flag;

std::string request(std::string_view resource, std::string_view id, std::int64_t ttl = 0,
                    std::int64_t wait = 0) {
  std::string message;
  proto::append_optional(message, 1, resource);
  proto::append_optional(message, 2, id);
  proto::append_number(message, 3, static_cast<std::uint64_t>(ttl));
  proto::append_number(message, 4, static_cast<std::uint64_t>(wait));
  return message;
}

class LockServiceTest : public testing::Test {
 protected:
  // "!" before an error; "later" when it would have to wait.
  std::string at_once(std::string_view method, std::string_view body,
                      std::uint8_t codec = flag::codec_proto) {
    const auto frame = router_.answer_at_once({codec, 1, method, body});
    return frame ? body_of(*frame) : "later";
  }
  std::string call(std::string_view method, std::string_view body,
                   std::uint8_t codec = flag::codec_proto) {
    return body_of(router_.answer({codec, 1, method, body}));
  }
  static std::string body_of(const std::string& frame) {
    goridge::FrameReader reader(1 << 20);
    EXPECT_EQ(reader.parse(frame), goridge::Parse::complete);
    const auto reply = goridge::rpc_message(reader.header(), reader.payload(frame));
    return ((reply->flags & flag::error) != 0 ? "!" : "") + std::string(reply->body);
  }

  LockTable table_{Logger{}};
  LockService service_{table_, LockService::Calls::quick};
  rpc::Router router_{{&service_}};
};

// spec:04#27
TEST_F(LockServiceTest, AnswersAtOnceWhatNeedsNoWaiting) {
  EXPECT_EQ(at_once("lock.Lock", request("foo", "bar", 20'000'000)), "\x08\x01");
  EXPECT_EQ(at_once("lock.Lock", request("foo", "b", 20'000'000)), "");
  EXPECT_EQ(at_once("lock.Lock", request("foo", "b", 0, 1'000'000)), "later");
  EXPECT_EQ(at_once("lock.LockRead", request("foo", "b", 0, 1'000'000)), "later");
  EXPECT_EQ(at_once("lock.Release", request("foo", "bar1", 0, 1'000'000)), "");
  EXPECT_EQ(at_once("lock.Exists", request("foo", "*")), "\x08\x01");
  EXPECT_EQ(at_once("lock.UpdateTTL", request("foo", "bar", 1)), "\x08\x01");
  EXPECT_EQ(at_once("lock.ForceRelease", request("foo", "")), "\x08\x01");
  EXPECT_EQ(at_once("lock.Lock", request("foo", "b", 0, 1'000'000)), "\x08\x01");
}

TEST_F(LockServiceTest, WaitsWhenItMay) {
  EXPECT_EQ(call("lock.Lock", request("foo", "a")), "\x08\x01");
  auto waits = std::async(std::launch::async,
                          [this] { return call("lock.Lock", request("foo", "b", 0, 30'000'000)); });
  EXPECT_EQ(call("lock.Release", request("foo", "a")), "\x08\x01");
  EXPECT_EQ(waits.get(), "\x08\x01");
}

// spec:04#35
TEST_F(LockServiceTest, AnEmptyIdIsAnError) {
  for (const char* method :
       {"lock.Lock", "lock.LockRead", "lock.Release", "lock.Exists", "lock.UpdateTTL"}) {
    EXPECT_EQ(at_once(method, request("foo", "")), "!empty ID is not allowed");
    EXPECT_EQ(call(method, request("foo", "")), "!empty ID is not allowed");
    EXPECT_EQ(call(method, ""), "!empty ID is not allowed");
  }
  EXPECT_EQ(call("lock.ForceRelease", request("foo", "")), "");
}

TEST_F(LockServiceTest, TellsTheFenceWhenAskedForIt) {
  std::uint64_t last = 0;
  for (const char* method : {"lock.LockFenced", "lock.LockReadFenced", "lock.LockFenced"}) {
    const std::string reply = at_once(method, request("foo", "a"));
    proto::Reader fields(reply);
    ASSERT_TRUE(fields.next() && fields.is(1, proto::Wire::varint) && fields.value() == 1);
    ASSERT_TRUE(fields.next() && fields.is(2, proto::Wire::varint));
    EXPECT_GT(fields.value(), last);
    last = fields.value();
    EXPECT_FALSE(fields.next());
    if (method != "lock.LockReadFenced"s) {
      EXPECT_EQ(at_once(method, request("foo", "b")), "");
    }
    call("lock.ForceRelease", request("foo", ""));
  }
}

TEST_F(LockServiceTest, SpeaksJsonToo) {
  EXPECT_EQ(call("lock.Lock", R"({"resource":"foo","ID":"a","ttl":1000000})", flag::codec_json),
            R"({"ok":true})");
  EXPECT_EQ(call("lock.Lock", R"({"resource":"foo","id":"b","wait":null})", flag::codec_json),
            "{}");
  EXPECT_EQ(call("lock.Lock", R"({"resource":1,"id":"b"})", flag::codec_json),
            "!json: cannot unmarshal number into Go value of type string");
  EXPECT_EQ(call("lock.Lock", R"({"id":"b","ttl":1e3})", flag::codec_json),
            "!json: cannot unmarshal number into Go value of type int64");
  EXPECT_EQ(call("lock.Lock", "null", flag::codec_json), "!empty ID is not allowed");
}

TEST_F(LockServiceTest, RefusesWhatIsNoMessage) {
  EXPECT_EQ(at_once("lock.Exists", "\xff\xff\xff"),
            "!goridge_read_request_body: proto: cannot parse invalid wire-format data");
  EXPECT_EQ(call("lock.Exists", request("\xff", "a")),
            "!goridge_read_request_body: proto: string field contains invalid UTF-8");
  EXPECT_EQ(call("lock.Wait", request("foo", "a")), "!rpc: can't find method lock.Wait");
  EXPECT_EQ(at_once("lock.Wait", request("foo", "a")), "!rpc: can't find method lock.Wait");
}

}  // namespace
}  // namespace rr::lock
