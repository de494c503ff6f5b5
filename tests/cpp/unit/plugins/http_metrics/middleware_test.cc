// The middleware `http_metrics` between a request and an answer that are made up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/plugins/http_metrics/plugin.h"
#include "tests/cpp/unit/plugins/fake_context.h"
#include "tests/cpp/unit/plugins/metrics/text.h"

namespace rr::http_metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Client final : public HttpAnswerSink {
 public:
  bool inform(const HttpResponseHead&) override { return true; }
  bool respond(const HttpResponseHead&, PinnedBytes) override { return true; }
  bool start(const HttpResponseHead&) override { return true; }
  bool write(PinnedBytes, Wait) override { return true; }
  bool add_trailers(std::span<const HeaderView>) override { return true; }
  bool finish() override { return true; }
};

class Call final : public HttpCall {
 public:
  const HttpRequest& request() const override { return request_; }
  void add_field(std::string_view, std::string_view) override {}
  void remove_field(std::string_view) override {}
  void set_remote_address(std::string_view) override {}
  void add_attribute(std::string_view, std::string_view) override {}
  void add_answer_field(std::string_view, std::string_view) override {}
  void set_answer_field(std::string_view, std::string_view) override {}
  HttpAnswerSink& next() override { return client_; }
  void add_sink(std::unique_ptr<HttpAnswerSink> given) override { sink = std::move(given); }
  HttpExchange* take() override { return nullptr; }

  std::unique_ptr<HttpAnswerSink> sink;

 private:
  HttpRequest request_;
  Client client_;
};

class HttpMetrics : public testing::Test {
 protected:
  HttpMetrics() {
    context_.provide<Metrics>(registry_);
    plugin_.init(context_);
    middleware_ = context_.all<HttpMiddlewareFactory>().front()->make_middleware(context_);
    EXPECT_TRUE(registry_.add_source(*context_.all<MetricsSource>().front()));
  }
  // Those that do not depend on the time.
  std::vector<std::string> counts() const {
    auto lines = metrics::lines_of(registry_.collect());
    std::erase_if(lines, [](const std::string& line) {
      return line.find("_bucket") != std::string::npos || line.find("_sum") != std::string::npos ||
             line.find("uptime") != std::string::npos;
    });
    return lines;
  }

  FakeContext context_;
  metrics::Registry registry_;
  HttpMetricsPlugin plugin_;
  std::unique_ptr<HttpMiddleware> middleware_;
};

// spec:04#55, spec:02#105
TEST_F(HttpMetrics, CountAnswersByStatusAndWhatIsInWork) {
  EXPECT_THAT(counts(), ElementsAre("rr_http_requests_queue 0"));
  Call first, second, waiting;
  for (Call* call : {&first, &second, &waiting})
    EXPECT_EQ(middleware_->handle(*call), HttpVerdict::pass);
  EXPECT_THAT(counts(), ElementsAre("rr_http_requests_queue 3"));
  EXPECT_TRUE(first.sink->respond({.status = 200}, {}));
  EXPECT_TRUE(second.sink->start({.status = 404}));
  EXPECT_TRUE(second.sink->finish());
  EXPECT_THAT(counts(),
              ElementsAre("rr_http_request_duration_seconds_count{status=\"200\"} 1",
                          "rr_http_request_duration_seconds_count{status=\"404\"} 1",
                          "rr_http_request_total{status=\"200\"} 1",
                          "rr_http_request_total{status=\"404\"} 1", "rr_http_requests_queue 1"));
  first.sink.reset();
  second.sink.reset();
  EXPECT_EQ(counts().back(), "rr_http_requests_queue 1");
}

// spec:04#55
TEST_F(HttpMetrics, CountRequestsThatFoundNoWorker) {
  Call call;
  middleware_->handle(call);
  const HeaderView header{"No-Workers", "true"};
  EXPECT_TRUE(call.sink->respond({.status = 500, .headers = {&header, 1}}, {}));
  EXPECT_THAT(counts(), testing::Contains("rr_http_no_free_workers_total 1"));
}

TEST_F(HttpMetrics, AnAnswerThatNobodyGaveIsMinusOne) {
  Call call;
  middleware_->handle(call);
  call.sink.reset();
  EXPECT_THAT(counts(), testing::Contains("rr_http_request_total{status=\"-1\"} 1"));
  EXPECT_EQ(counts().back(), "rr_http_requests_queue 0");
}

TEST(HttpMetricsPlugin, WithoutMetricsThereIsNoMiddleware) {
  FakeContext context;
  HttpMetricsPlugin plugin;
  plugin.init(context);
  EXPECT_EQ(context.all<HttpMiddlewareFactory>().front()->make_middleware(context), nullptr);
  EXPECT_THAT(context.all<MetricsSource>(), IsEmpty());
  EXPECT_EQ(context.logged().size(), 1u);
}

}  // namespace
}  // namespace rr::http_metrics
