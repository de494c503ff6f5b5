// FastCGI records and parameters (spec 02 §5.6).
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/net/fastcgi/records.h"
#include "runtime/net/fastcgi/request.h"

namespace rr::net::fastcgi {
namespace {

std::string pairs(const std::vector<std::pair<std::string, std::string>>& all) {
  std::string out;
  for (const auto& [name, value] : all) {
    for (const std::string& each : {name, value}) {
      if (each.size() < 128) {
        out += static_cast<char>(each.size());
      } else {
        for (const int shift : {24, 16, 8, 0})
          out += static_cast<char>((each.size() >> shift) | (shift == 24 ? 0x80 : 0));
      }
    }
    out += name + value;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> usual() {
  return {{"REQUEST_METHOD", "POST"},    {"SERVER_PROTOCOL", "HTTP/1.1"},
          {"REQUEST_URI", "/a%20b?c=d"}, {"HTTP_HOST", "x.test:80"},
          {"HTTP_X_A_B", " 1 "},         {"CONTENT_TYPE", "text/x"},
          {"CONTENT_LENGTH", "3"},       {"HTTPS", "on"},
          {"REMOTE_ADDR", "10.1.2.3"},   {"REMOTE_PORT", "4321"},
          {"HTTP_CONTENT_LENGTH", "9"}};
}

TEST(FastCgiRecords, HoweverTheyAreCut) {
  ByteBuffer bytes;
  append_record(bytes, Type::params, 1, std::string(300, 'p'));
  append_record(bytes, Type::params, 1, {});
  append_stream(bytes, Type::standard_input, 2, std::string(100'000, 'i'));
  append_end(bytes, 1, Ended::unknown_role);
  for (const std::size_t piece : {1ul, 7ul, 8ul, 9ul, 1000ul, 1'000'000ul}) {
    RecordReader reader;
    std::string_view rest = bytes.view();
    std::string types;
    std::size_t input = 0;
    while (!rest.empty()) {
      std::string_view part = rest.substr(0, piece);
      rest.remove_prefix(part.size());
      Record record;
      while (reader.next(part, record) == RecordReader::Step::record) {
        types += static_cast<char>('0' + record.type);
        if (record.type == 5) input += record.content.size();
      }
    }
    EXPECT_EQ(types, "44553") << piece;
    EXPECT_EQ(input, 100'000u) << piece;
  }
}

TEST(FastCgiRecords, AnotherVersionIsMalformedForGood) {
  RecordReader reader;
  Record record;
  std::string_view input("\2\1\0\1\0\0\0\0", 8);
  EXPECT_EQ(reader.next(input, record), RecordReader::Step::malformed);
  std::string_view good("\1\1\0\1\0\0\0\0", 8);
  EXPECT_EQ(reader.next(good, record), RecordReader::Step::malformed);
}

TEST(FastCgiRecords, ValuesAreAnsweredOnceEach) {
  ByteBuffer out;
  append_values(out, pairs({{"FCGI_MPXS_CONNS", ""}, {"FCGI_MPXS_CONNS", ""}, {"OTHER", ""}}), 9,
                8);
  EXPECT_EQ(out.view().substr(8), pairs({{"FCGI_MPXS_CONNS", "1"}}));
}

// spec:02#57
TEST(FastCgiParams, BecomeARequest) {
  http::RequestBlock block;
  ASSERT_EQ(read_params(block, pairs(usual())), nullptr);
  const auto text = [&](TextSpan span) {
    return std::string(block.data() + span.offset, span.length);
  };
  EXPECT_EQ(text(block.head.method), "POST");
  EXPECT_EQ(text(block.head.target), "/a%20b?c=d");
  EXPECT_EQ(text(block.head.path), "/a%20b");
  EXPECT_EQ(text(block.head.query), "c=d");
  EXPECT_EQ(text(block.head.host), "x.test:80");
  EXPECT_EQ(text(block.head.remote_address), "10.1.2.3");
  EXPECT_EQ(block.head.remote_port, 4321);
  EXPECT_EQ(block.head.content_length, 3);
  EXPECT_TRUE(block.head.tls);
  std::string fields;
  for (const HttpField& field : block.fields)
    fields += text(field.name) + "=" + text(field.value) + ";";
  EXPECT_EQ(fields, "Host=x.test:80;Content-Type=text/x;X-A-B=1;");
}

TEST(FastCgiParams, WithoutAUriTheScriptIsTheTarget) {
  http::RequestBlock block;
  ASSERT_EQ(read_params(block, pairs({{"REQUEST_METHOD", "GET"},
                                      {"SERVER_PROTOCOL", "HTTP/1.0"},
                                      {"SCRIPT_NAME", "/s"},
                                      {"PATH_INFO", "/p"},
                                      {"QUERY_STRING", "q=1"}})),
            nullptr);
  EXPECT_EQ(std::string(block.data() + block.head.target.offset, block.head.target.length),
            "/s/p?q=1");
}

TEST(FastCgiParams, SaysWhatIsWrong) {
  const auto with = [](const std::string& name, const std::string& value) {
    auto all = usual();
    for (auto& [known, text] : all) {
      if (known == name) text = value;
    }
    http::RequestBlock block;
    const char* wrong = read_params(block, pairs(all));
    return std::string(wrong ? wrong : "");
  };
  EXPECT_EQ(with("REQUEST_METHOD", ""), "cgi: no REQUEST_METHOD in environment");
  EXPECT_EQ(with("REQUEST_METHOD", "A B"), "cgi: invalid REQUEST_METHOD");
  EXPECT_EQ(with("SERVER_PROTOCOL", "x"), "cgi: invalid SERVER_PROTOCOL version");
  EXPECT_EQ(with("CONTENT_LENGTH", "-1"), "cgi: bad CONTENT_LENGTH in environment");
  EXPECT_EQ(with("HTTP_X_A_B", "a\r\nb"), "cgi: invalid field");
  EXPECT_NE(with("REQUEST_URI", "/a b"), "");
  http::RequestBlock block;
  EXPECT_STREQ(read_params(block, std::string("\xff", 1)), "fcgi: malformed parameters");
}

}  // namespace
}  // namespace rr::net::fastcgi
