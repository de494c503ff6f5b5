// The plugin with its RPC methods: what a configuration makes of storages, what calls are answered.
#include "runtime/plugins/kv/plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rr/protobuf.h"
#include "runtime/core/config/yaml.h"
#include "runtime/plugins/kv/messages.h"
#include "runtime/plugins/rpc/router.h"
#include "tests/cpp/unit/plugins/fake_context.h"

namespace rr::keyvalue {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
namespace flag = goridge::flag;

std::string request(std::string_view storage, std::initializer_list<KvItem> items) {
  std::string message;
  proto::append_optional(message, 1, storage);
  for (const KvItem& item : items)
    append_item(message, ItemsOf::request, item.key, item.value, item.timeout);
  return message;
}

std::string response(std::initializer_list<KvItem> items) {
  std::string message;
  for (const KvItem& item : items)
    append_item(message, ItemsOf::response, item.key, item.value, item.timeout);
  return message;
}

class KvPluginTest : public testing::Test {
 protected:
  void start(const std::string& yaml) {
    context_.config() = config::parse_yaml(yaml, "test.yaml");
    plugin_.init(context_);
    ASSERT_TRUE(plugin_.serve());
    router_.emplace(context_.all<RpcService>());
  }
  // "!" before an error.
  std::string call(std::string_view method, std::string_view body,
                   std::uint8_t codec = flag::codec_proto) {
    return body_of(router_->answer({codec, 1, method, body}));
  }
  static std::string body_of(const std::string& frame) {
    goridge::FrameReader reader(1 << 28);
    EXPECT_EQ(reader.parse(frame), goridge::Parse::complete);
    const auto reply = goridge::rpc_message(reader.header(), reader.payload(frame));
    return ((reply->flags & flag::error) != 0 ? "!" : "") + std::string(reply->body);
  }
  std::string failure(const std::string& yaml) {
    context_.config() = config::parse_yaml(yaml, "test.yaml");
    try {
      plugin_.init(context_);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  }

  FakeContext context_;
  KvPlugin plugin_;
  std::optional<rpc::Router> router_;
};

// spec:04#19
TEST_F(KvPluginTest, AnswersGetWithWhatWasSet) {
  start("kv: {m: {driver: memory, config: {}}}");
  EXPECT_EQ(call("kv.Set", request("m", {{"k", "v", ""}, {"l", "w\0"s, ""}})), "");
  EXPECT_EQ(call("kv.MGet", request("m", {{"k"}, {"none"}, {"l"}, {"k"}})),
            response({{"k", "v", ""}, {"l", "w\0"s, ""}}));
  EXPECT_EQ(call("kv.Has", request("m", {{"k"}, {"none"}, {"k"}})), response({{"k"}}));
  EXPECT_EQ(call("kv.Delete", request("m", {{"k"}})), "");
  EXPECT_EQ(call("kv.Has", request("m", {{"k"}})), "");
  EXPECT_EQ(call("kv.Clear", request("m", {})), "");
  EXPECT_EQ(call("kv.Has", request("m", {{"l"}})), "");
}

TEST_F(KvPluginTest, AnswersAtOnceFromMemory) {
  start("kv: {m: {driver: memory, config: {}}}");
  const auto set =
      router_->answer_at_once({flag::codec_proto, 1, "kv.Set", request("m", {{"k", "v", ""}})});
  ASSERT_TRUE(set);
  EXPECT_EQ(body_of(*set), "");
  EXPECT_TRUE(router_->answer_at_once({flag::codec_proto, 1, "kv.MGet", request("m", {{"k"}})}));
  EXPECT_FALSE(router_->answer_at_once({flag::codec_proto, 1, "kv.Clear", request("m", {})}));
  std::string many = request("m", {});
  for (int i = 0; i < 64; ++i) many += request("", {{"k"}});
  EXPECT_FALSE(router_->answer_at_once({flag::codec_proto, 1, "kv.MGet", many}));
}

TEST_F(KvPluginTest, ManyKeysOfWhichSomeAreTheSame) {
  start("kv: {m: {driver: memory, config: {}}}");
  call("kv.Set", request("m", {{"a", "1", ""}, {"b", "2", ""}}));
  EXPECT_EQ(
      call("kv.MGet",
           request("m", {{"a"}, {"b"}, {"a"}, {"b"}, {"a"}, {"b"}, {"a"}, {"b"}, {"a"}, {"c"}})),
      response({{"a", "1", ""}, {"b", "2", ""}}));
}

TEST_F(KvPluginTest, HasMethodsThatChangeAKeyInOneStep) {
  start("kv: {m: {driver: memory, config: {}}}");
  EXPECT_EQ(call("kv.Add", request("m", {{"k", "v", ""}})), response({{"k"}}));
  EXPECT_EQ(call("kv.Add", request("m", {{"k", "w", ""}})), "");
  EXPECT_EQ(call("kv.CompareAndSet", request("m", {{"k", "w", ""}, {"k", "x", ""}})), "");
  EXPECT_EQ(call("kv.CompareAndSet", request("m", {{"k", "w", ""}, {"k", "v", ""}})),
            response({{"k"}}));
  EXPECT_EQ(call("kv.CompareAndSet", request("m", {{"k", "w", ""}})), "");
  EXPECT_EQ(call("kv.CompareAndSet", request("m", {{"new", "w", ""}})), response({{"new"}}));
  EXPECT_EQ(call("kv.Increment", request("m", {{"n", "41", ""}})), response({{"n", "41", ""}}));
  EXPECT_EQ(call("kv.Increment", request("m", {{"n", "-40", ""}})), response({{"n", "1", ""}}));
  EXPECT_EQ(
      call("kv.Increment", request("m", {{"k", "1", ""}})),
      "!rpc_increment:\n\tin_memory_plugin_increment: value is not an integer or out of range");
  EXPECT_EQ(call("kv.Increment", request("m", {{"n", "", ""}})),
            "!rpc_increment: the step is no number: ");
  for (const char* method : {"kv.Add", "kv.Increment", "kv.CompareAndSet"})
    EXPECT_THAT(call(method, request("m", {})), HasSubstr("should provide at least 1 key"));
  EXPECT_EQ(call("kv.Add", request("ghost", {{"k"}})), "!rpc_add: no such storage: ghost");
}

// spec:04#13
TEST_F(KvPluginTest, NamesAStorageThatIsNotThere) {
  start("kv: {m: {driver: memory, config: {}}}");
  const std::pair<const char*, const char*> ops[] = {
      {"Has", "rpc_has"}, {"MGet", "rpc_mget"},     {"MExpire", "rpc_mexpire"},
      {"TTL", "rpc_ttl"}, {"Delete", "rcp_delete"}, {"Clear", "rcp_delete"}};
  for (const auto& [method, op] : ops) {
    EXPECT_EQ(call("kv."s + method, request("", {{"a"}})), "!"s + op + ": no storage provided");
    EXPECT_EQ(call("kv."s + method, request("ghost", {{"a"}})),
              "!"s + op + ": no such storage: ghost");
  }
  EXPECT_EQ(call("kv.Set", request("", {{"a"}})), "!rpc_set: no such storage: ");
  EXPECT_EQ(call("kv.Set", request("ghost", {{"a"}})), "!rpc_set: no such storage: ghost");
  EXPECT_EQ(call("kv.Get", request("m", {})), "!rpc: can't find method kv.Get");
}

// spec:04#14
TEST_F(KvPluginTest, DressesErrorsOfTheDriver) {
  start("kv: {m: {driver: memory, config: {}}}");
  EXPECT_EQ(call("kv.Has", request("m", {{""}})),
            "!rpc_has: key can't be empty string:\n\tin_memory_plugin_has");
  EXPECT_EQ(
      call("kv.MExpire", request("m", {{"a"}})),
      "!rpc_mexpire:\n\tin_memory_plugin_mexpire: timeout for MExpire is empty or key is empty");
  EXPECT_THAT(call("kv.Set", request("m", {{"a", "", "soon"}})),
              HasSubstr("!rpc_set: parsing time \"soon\" as "));
}

TEST_F(KvPluginTest, SpeaksJsonToo) {
  start("kv: {m: {driver: memory, config: {}}}");
  EXPECT_EQ(
      call("kv.Set", R"({"storage":"m","items":[{"key":"k","value":"dgA="}]})", flag::codec_json),
      "{}");
  EXPECT_EQ(call("kv.MGet", R"({"storage":"m","items":[{"key":"k"}]})", flag::codec_json),
            R"({"items":[{"key":"k","value":"dgA="}]})");
  EXPECT_EQ(call("kv.MGet", R"({"storage":"x"})", flag::codec_json),
            "!rpc_mget: no such storage: x");
}

// spec:04#24
TEST_F(KvPluginTest, PassesOverWhatIsNoStorage) {
  start(
      "kv:\n  nothing:\n  wrong: 5\n  n: {driver: 5, config: {}}\n  u: {driver: nope, config: {}}\n"
      "  m: {driver: memory}\n");
  for (const char* name : {"nothing", "wrong", "n", "u"})
    EXPECT_EQ(call("kv.Has", request(name, {})), "!rpc_has: no such storage: "s + name);
  EXPECT_EQ(call("kv.Has", request("m", {})), "");
  EXPECT_THAT(
      context_.logged(),
      ElementsAre("kv: wrong type detected in the configuration, please, check yaml indentation",
                  "kv: no such constructor was registered",
                  "kv: can't find local or global configuration, this section will be skipped"));
}

// spec:04#24
TEST_F(KvPluginTest, EndsTheStartOfWhatCannotBeMeant) {
  EXPECT_THAT(failure("kv: hello"), HasSubstr("kv_plugin_init"));
  EXPECT_THAT(failure("kv: {n: {config: {}}}"),
              HasSubstr("kv_plugin_serve: could not find mandatory driver field in the n storage"));
  EXPECT_THAT(failure("kv: {m: {driver: memory, config: {max_size: x}}}"), HasSubstr("max_size"));
}

// spec:04#15
TEST_F(KvPluginTest, StoragesAreSeparate) {
  start("kv: {m: {driver: memory, config: {}}, n: {driver: memory, config: {}}}");
  call("kv.Set", request("m", {{"a", "1", ""}}));
  EXPECT_EQ(call("kv.Has", request("n", {{"a"}})), "");
}

}  // namespace
}  // namespace rr::keyvalue
