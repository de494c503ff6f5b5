// A request through a row of middleware and its answer back, over a door that remembers.
#include "runtime/plugins/http/middleware/chain.h"

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/net/http1/request_parser.h"
#include "tests/cpp/unit/plugins/fake_context.h"

namespace rr::http {
namespace {

using ::testing::ElementsAre;
using Handle = std::function<HttpVerdict(HttpCall&)>;

class Door final : public net::http::Door {
 public:
  bool inform(net::http::Transaction&, const HttpResponseHead& head) override {
    note("inform", head, {});
    return true;
  }
  bool respond(net::http::Transaction&, const HttpResponseHead& head, PinnedBytes body) override {
    note("respond", head, body.bytes);
    return true;
  }
  bool start(net::http::Transaction&, const HttpResponseHead& head) override {
    note("start", head, {});
    return true;
  }
  bool write(net::http::Transaction&, PinnedBytes chunk, Wait) override {
    said.push_back("write " + std::string(chunk.bytes));
    return true;
  }
  bool add_trailers(net::http::Transaction&, std::span<const HeaderView>) override { return true; }
  bool finish(net::http::Transaction&) override {
    said.emplace_back("finish");
    return true;
  }
  bool congested(net::http::Transaction&, void (*)(void*), void*) override { return false; }
  void concluded(net::http::Transaction&) override {}

  std::vector<std::string> said;

 private:
  void note(const char* what, const HttpResponseHead& head, std::string_view body) {
    std::string line = std::string(what) + " " + std::to_string(head.status);
    for (const HeaderView& header : head.headers)
      line += " " + std::string(header.name) + "=" + std::string(header.value);
    if (!body.empty()) line += " : " + std::string(body);
    said.push_back(line);
  }
};

class Exchange final : public net::http::Transaction {
 public:
  Exchange(Door& door, net::Reactor& reactor) {
    attach(door, reactor, {});
    constexpr std::string_view text =
        "POST /p HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nContent-Length: 4\r\n\r\nbody";
    std::memcpy(block().room(text.size()), text.data(), text.size());
    block().commit(text.size());
    net::http1::HeadParser parser{net::http1::Limits{}};
    parser.parse(block());
    block().head.remote_address = block().append("127.0.0.1");
    publish({block().data() + parser.head_size(), 4});
  }
  Result<void> encode(WireRequest&) override { return {}; }
  bool answer(const WireAnswer&) override { return false; }
  std::string text(std::string_view field) const { return std::string(request().field(field)); }

 private:
  void answer_error(const Error& error) override {
    failed = error.message;
    respond_now({.status = 500}, {});
  }
  void dispose() override {}

 public:
  std::string failed;
};

class Lambda final : public HttpMiddleware {
 public:
  explicit Lambda(Handle handle) : handle_(std::move(handle)) {}
  HttpVerdict handle(HttpCall& call) override { return handle_(call); }

 private:
  Handle handle_;
};

// Provides middleware made of functions under the names "a", "b"…
class ChainTest : public ::testing::Test {
 protected:
  class Factory final : public HttpMiddlewareFactory {
   public:
    Factory(std::string name, Handle handle) : name_(std::move(name)), handle_(std::move(handle)) {}
    std::string_view middleware_name() const override { return name_; }
    std::unique_ptr<HttpMiddleware> make_middleware(Context&) override {
      return std::make_unique<Lambda>(handle_);
    }

   private:
    std::string name_;
    Handle handle_;
  };

  // The first is the outermost.
  void row(std::vector<Handle> handles) {
    std::vector<std::string> names;
    for (Handle& handle : handles) {
      names.push_back(std::string(1, static_cast<char>('a' + factories_.size())));
      factories_.push_back(std::make_unique<Factory>(names.back(), std::move(handle)));
      context.provide<HttpMiddlewareFactory>(*factories_.back());
    }
    MiddlewareSet all(context);
    chain = Chain::make(names, MiddlewareOrder::listed, all, context.logger("http"));
  }
  bool admit() { return chain->admit(exchange, passage); }

  FakeContext context;
  Door door;
  net::Reactor reactor;
  Exchange exchange{door, reactor};
  Passage passage;
  std::shared_ptr<const Chain> chain;

 private:
  std::vector<std::unique_ptr<Factory>> factories_;
};

// Writes its name around what passes.
class Mark final : public HttpAnswerFilter {
 public:
  Mark(HttpAnswerSink& next, std::string name) : HttpAnswerFilter(next), name_(std::move(name)) {}
  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    const std::string text = name_ + "(" + std::string(body.bytes) + ")";
    return next_.respond(head, PinnedBytes{text});
  }
  bool write(PinnedBytes chunk, Wait wait) override {
    const std::string text = name_ + "(" + std::string(chunk.bytes) + ")";
    return next_.write(PinnedBytes{text}, wait);
  }

 private:
  const std::string name_;
};

Handle marks(const std::string& name) {
  return [name](HttpCall& call) {
    call.set_answer_field("X-" + name, "1");
    call.add_sink(std::make_unique<Mark>(call.next(), name));
    return HttpVerdict::pass;
  };
}

TEST_F(ChainTest, AnswersPassFromTheInnermostOutward) {
  row({marks("a"), marks("b")});
  ASSERT_TRUE(admit());
  ASSERT_TRUE(exchange.begin());
  exchange.inform({.status = 103});
  exchange.start({.status = 200});
  exchange.write(PinnedBytes{"x"});
  exchange.finish();
  EXPECT_THAT(door.said, ElementsAre("inform 103 X-a=1 X-b=1", "start 200 X-a=1 X-b=1",
                                     "write a(b(x))", "finish"));
}

// spec:02#59a
TEST_F(ChainTest, OneThatAnswersIsHeardByThoseOutsideOnly) {
  bool reached = false;
  row({marks("a"),
       [](HttpCall& call) {
         call.respond({.status = 418}, "short");
         return HttpVerdict::answered;
       },
       [&](HttpCall&) {
         reached = true;
         return HttpVerdict::pass;
       }});
  EXPECT_FALSE(admit());
  EXPECT_FALSE(reached);
  EXPECT_TRUE(exchange.ended());
  EXPECT_THAT(door.said, ElementsAre("respond 418 X-a=1 : a(short)"));
}

TEST_F(ChainTest, ChangesOfTheRequestKeepItsBodyAndOtherTexts) {
  row({[](HttpCall& call) {
    for (int i = 0; i < 200; ++i) call.add_field("X-B" + std::to_string(i), std::string(100, 'b'));
    call.add_field("X-Copy", call.request().field("X-A"));
    call.set_field("x-a", call.request().field("X-B7"));
    call.set_remote_address("[2001:db8::17]:4711");
    call.add_attribute("k", "v");
    call.add_attribute("k", call.request().field("Host"));
    return HttpVerdict::pass;
  }});
  ASSERT_TRUE(admit());
  const HttpRequest& request = exchange.request();
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request(request.head.target), "/p");
  EXPECT_EQ(exchange.text("X-Copy"), "1");
  EXPECT_EQ(exchange.text("X-A"), std::string(100, 'b'));
  EXPECT_EQ(request(request.head.remote_address), "2001:db8::17");
  ASSERT_EQ(request.attributes.size(), 2U);
  EXPECT_EQ(request(request.attributes[1].name), "k");
  EXPECT_EQ(request(request.attributes[1].value), "h");
}

TEST_F(ChainTest, ASinkSeesTheFieldsOfThoseInsideOnly) {
  std::vector<std::string> seen;
  class Look final : public HttpAnswerFilter {
   public:
    Look(HttpAnswerSink& next, std::vector<std::string>& seen)
        : HttpAnswerFilter(next), seen_(seen) {}
    bool respond(const HttpResponseHead& head, PinnedBytes body) override {
      for (const HeaderView& header : head.headers) seen_.emplace_back(header.name);
      return next_.respond(head, body);
    }

   private:
    std::vector<std::string>& seen_;
  };
  const auto sets = [](const char* name) {
    return [name](HttpCall& call) {
      call.add_answer_field(name, "1");
      return HttpVerdict::pass;
    };
  };
  row({sets("X-Out"),
       [&](HttpCall& call) {
         call.add_sink(std::make_unique<Look>(call.next(), seen));
         return HttpVerdict::pass;
       },
       sets("X-In")});
  ASSERT_TRUE(admit());
  exchange.begin();
  const HeaderView own{"X-Own", "1"};
  exchange.respond({.status = 200, .headers = {&own, 1}}, {});
  EXPECT_THAT(seen, ElementsAre("X-In", "X-Own"));
  EXPECT_THAT(door.said, ElementsAre("respond 200 X-Out=1 X-In=1 X-Own=1"));
}

TEST_F(ChainTest, MistakesOfMiddlewareAreAnsweredToo) {
  row({[](HttpCall&) -> HttpVerdict { throw std::runtime_error("boom"); }});
  EXPECT_FALSE(admit());
  EXPECT_EQ(exchange.failed, "a: boom");
  EXPECT_THAT(door.said, ElementsAre("respond 500"));
}

TEST_F(ChainTest, AVerdictWithoutAnAnswerIsAMistake) {
  row({[](HttpCall&) { return HttpVerdict::answered; }});
  EXPECT_FALSE(admit());
  EXPECT_TRUE(exchange.ended());
  EXPECT_EQ(exchange.failed, "a: answered nothing");
}

// spec:02#40
TEST_F(ChainTest, UnknownNamesAreLeftOutWithAWarning) {
  MiddlewareSet all(context);
  const auto make = [&](const std::vector<std::string>& names) {
    return Chain::make(names, MiddlewareOrder::stable, all, context.logger("http"));
  };
  const auto made = make({"nobody", "sendfile", "static", "otel"});
  EXPECT_NE(made, nullptr);
  EXPECT_THAT(context.logged(),
              ElementsAre("http: requested middleware does not exist",
                          "http: requested middleware does not exist",  // not configured
                          "http: middleware is not built yet in rr-embed: it has no effect"));
  EXPECT_EQ(make({"nobody"}), nullptr);
}

// Two routes with one rate limiter have one limit.
TEST_F(ChainTest, OneMiddlewareStandsInManyRows) {
  int calls = 0;
  row({[&](HttpCall&) {
    ++calls;
    return HttpVerdict::pass;
  }});
  MiddlewareSet all(context);
  EXPECT_EQ(all.get("a"), all.get("a"));
  EXPECT_EQ(all.get("sendfile"), all.get("sendfile"));
  EXPECT_NE(all.get("sendfile"), nullptr);
}

TEST_F(ChainTest, ANameThatComesAgainCountsOnce) {
  MiddlewareSet all(context);
  EXPECT_NE(
      Chain::make({"sendfile", "sendfile"}, MiddlewareOrder::stable, all, context.logger("http")),
      nullptr);
  EXPECT_THAT(context.logged(), ElementsAre("http: requested middleware does not exist"));
}

TEST(MiddlewareOrder, IsSaidByItsOutermost) {
  const std::vector<std::string> names{"headers", "gzip"};
  EXPECT_THAT(order_in_force(names, MiddlewareOrder::stable),
              ::testing::AllOf(::testing::HasSubstr("the last middleware"),
                               ::testing::HasSubstr("\"gzip\"")));
  EXPECT_THAT(order_in_force(names, MiddlewareOrder::listed), ::testing::HasSubstr("\"headers\""));
}

}  // namespace
}  // namespace rr::http
