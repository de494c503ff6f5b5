// Messages as structs: protobuf and JSON, and the methods that take them.
#include "rr/message.h"

#include <gtest/gtest.h>

namespace rr {
namespace {

struct Part {
  std::string key;
  std::string value;
  static constexpr auto message_fields() {
    return std::tuple{message::field(1, "key", &Part::key),
                      message::field(2, "value", &Part::value)};
  }
};

struct All {
  bool yes = false;
  std::int64_t number = 0;
  std::uint64_t wide = 0;
  float share = 0;
  std::string text;
  Part part;
  std::vector<Part> parts;
  std::vector<std::string> texts;
  std::map<std::string, std::string> map;
  static constexpr auto message_fields() {
    using message::field;
    return std::tuple{field(1, "yes", &All::yes),     field(2, "number", &All::number),
                      field(3, "wide", &All::wide),   field(4, "share", &All::share),
                      field(5, "text", &All::text),   field(6, "part", &All::part),
                      field(7, "parts", &All::parts), field(8, "texts", &All::texts),
                      field(9, "map", &All::map)};
  }
};

All sample() {
  All all;
  all.yes = true;
  all.number = -5;
  all.wide = ~0ULL;
  all.share = 1.5F;
  all.text = "ä";
  all.part = {"k", "v"};
  all.parts = {{"a", "1"}, {}, {"a", "2"}};
  all.texts = {"x", ""};
  all.map = {{"p", "q"}, {"r", ""}};
  return all;
}

void expect_sample(const All& all) {
  EXPECT_TRUE(all.yes);
  EXPECT_EQ(all.number, -5);
  EXPECT_EQ(all.wide, ~0ULL);
  EXPECT_EQ(all.share, 1.5F);
  EXPECT_EQ(all.text, "ä");
  EXPECT_EQ(all.part.value, "v");
  ASSERT_EQ(all.parts.size(), 3u);
  EXPECT_EQ(all.parts[2].value, "2");
  EXPECT_EQ(all.texts, (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(all.map, (std::map<std::string, std::string>{{"p", "q"}, {"r", ""}}));
}

TEST(Message, GoesThroughProtobufAndBack) {
  auto read = message::from_protobuf<All>(message::to_protobuf(sample()));
  ASSERT_TRUE(read);
  expect_sample(*read);
}

TEST(Message, GoesThroughJsonAndBack) {
  auto read = message::from_json<All>(message::to_json(sample()));
  ASSERT_TRUE(read);
  expect_sample(*read);
}

TEST(Message, LeavesOutWhatIsZeroAndReadsNothingAsZero) {
  EXPECT_EQ(message::to_protobuf(All{}), "");
  EXPECT_EQ(message::to_json(All{}).dump(), "{}");
  auto read = message::from_protobuf<All>("");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "");
  EXPECT_TRUE(message::from_json<All>(RpcValue(nullptr)));
}

TEST(Message, PassesOverFieldsThatItDoesNotKnowOrThatAreOfAnotherKind) {
  // 15: varint; 5: a varint where text is meant; 1: yes.
  auto read = message::from_protobuf<All>(std::string("\x78\x01\x28\x07\x08\x01", 6));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->yes);
  EXPECT_EQ(read->text, "");
}

TEST(Message, RefusesWhatIsNoMessage) {
  for (const std::string bytes : {"\xff\xff\xff",
                                  "\x2a\x05"
                                  "ab",
                                  "\x08", "\x32\x02\x0a\x05"}) {
    EXPECT_FALSE(message::from_protobuf<All>(bytes)) << bytes;
  }
  EXPECT_EQ(message::from_protobuf<All>("\x2a\x01\xff").error().text(),
            "proto: a text is no UTF-8");
  EXPECT_FALSE(message::from_json<All>(RpcValue(5)));
  EXPECT_FALSE(message::from_json<All>(RpcValue::parse(R"({"text": 5})")));
  EXPECT_FALSE(message::from_json<All>(RpcValue::parse(R"({"parts": [5]})")));
}

TEST(Message, HasALimitOfParts) {
  std::string bytes;
  for (std::size_t i = 0; i <= message::kMaxParts; ++i) bytes += std::string("\x3a\x00", 2);
  EXPECT_FALSE(message::from_protobuf<All>(bytes));
}

class MessageMethods : public testing::Test {
 protected:
  MessageMethods() {
    methods_.add<Part>("Swap", [](const Part& part) -> Result<Part> {
      if (part.key.empty()) return Error(Errc::invalid, "swap", "no key");
      return Part{part.value, part.key};
    });
  }
  std::string call(RpcCodec codec, std::string_view argument) {
    auto reply = methods_.call("Swap", codec, argument);
    return reply ? *reply : "!" + reply.error().text();
  }
  message::Methods methods_;
};

TEST_F(MessageMethods, AnswerInTheCodecOfTheCall) {
  EXPECT_EQ(call(RpcCodec::proto, message::to_protobuf(Part{"a", "b"})),
            message::to_protobuf(Part{"b", "a"}));
  EXPECT_EQ(call(RpcCodec::json, R"({"key":"a","value":"b","more":1})"),
            R"({"key":"b","value":"a"})");
  EXPECT_EQ(call(RpcCodec::proto, ""), "!swap: no key");
  EXPECT_EQ(call(RpcCodec::json, ""), "!swap: no key");
  EXPECT_EQ(call(RpcCodec::raw, "x"), "!swap: no key");
  EXPECT_EQ(methods_.call("Nope", RpcCodec::proto, "").error().code, Errc::not_found);
  EXPECT_TRUE(methods_.has("Swap"));
  EXPECT_TRUE(methods_.blocks("Swap"));
  EXPECT_FALSE(methods_.blocks("Nope"));
}

}  // namespace
}  // namespace rr
