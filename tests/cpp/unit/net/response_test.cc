#include "runtime/net/http/response.h"

#include <gtest/gtest.h>

namespace rr::net::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(ReasonPhrase, IsRoadRunnersAndANumberForUnknownCodes) {
  std::string storage;
  EXPECT_EQ(reason_phrase(200, storage), "OK");
  EXPECT_EQ(reason_phrase(103, storage), "Early Hints");
  EXPECT_EQ(reason_phrase(413, storage), "Request Entity Too Large");
  EXPECT_EQ(reason_phrase(418, storage), "I'm a teapot");
  EXPECT_EQ(reason_phrase(511, storage), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(299, storage), "status code 299");
  EXPECT_EQ(reason_phrase(599, storage), "status code 599");
  EXPECT_EQ(reason_phrase(42, storage), "status code 42");
  EXPECT_EQ(reason_phrase(-1, storage), "status code -1");
  EXPECT_EQ(reason_phrase(600, storage), "status code 600");
}

TEST(Date, IsAnImfFixdateOfNow) {
  const std::string date(date_now());
  tm parsed{};
  ASSERT_NE(strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parsed), nullptr) << date;
  EXPECT_NEAR(static_cast<double>(timegm(&parsed)), static_cast<double>(time(nullptr)), 2.0);
  char again[64];
  strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &parsed);
  EXPECT_EQ(date, again);
  EXPECT_EQ(date_line().substr(0, 6), "Date: ");
  EXPECT_EQ(date_line().substr(35), "\r\n");
}

TEST(Sniffing, KnowsWhatGoKnows) {  // spec:02#59h
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"{\"a\":1}", "text/plain; charset=utf-8"},
      {"<html>", "text/html; charset=utf-8"},
      {"  \n<!DOCTYPE html><p>", "text/html; charset=utf-8"},
      {"<p>x", "text/html; charset=utf-8"},
      {"<b>", "text/html; charset=utf-8"},
      {"<bx>", "text/plain; charset=utf-8"},
      {"<b", "text/plain; charset=utf-8"},
      {"<sCrIpT >", "text/html; charset=utf-8"},
      {"<table\n>", "text/plain; charset=utf-8"},
      {"<?xml version='1.0'?>", "text/xml; charset=utf-8"},
      {"\t<?xml", "text/xml; charset=utf-8"},
      {"<?XML", "text/plain; charset=utf-8"},
      {"<!-- c -->", "text/html; charset=utf-8"},
      {"<!--c-->", "text/plain; charset=utf-8"},
      {"plain \xC3\xA9", "text/plain; charset=utf-8"},
      {"\x00\x01"
       "bin"sv,
       "application/octet-stream"},
      {"%PDF-1.4", "application/pdf"},
      {" %PDF-1.4", "text/plain; charset=utf-8"},
      {"%!PS-Adobe-", "application/postscript"},
      {"\x89PNG\r\n\x1A\n", "image/png"},
      {"GIF89a", "image/gif"},
      {"GIF87a", "image/gif"},
      {"BMx", "image/bmp"},
      {"\x00\x00\x01\x00"sv, "image/x-icon"},
      {"\xFF\xD8\xFF\xE0", "image/jpeg"},
      {"\x1F\x8B\x08", "application/x-gzip"},
      {"PK\x03\x04", "application/zip"},
      {"Rar!\x1A\x07\x00"sv, "application/x-rar-compressed"},
      {"Rar!\x1A\x07\x01\x00"sv, "application/x-rar-compressed"},
      {"\xEF\xBB\xBF"
       "bom",
       "text/plain; charset=utf-8"},
      {"\xFF\xFE"
       "a",
       "text/plain; charset=utf-8"},
      {"\xFF\xFE"
       "ab",
       "text/plain; charset=utf-16le"},
      {"\xFE\xFF"
       "ab",
       "text/plain; charset=utf-16be"},
      {"RIFF1234WEBPVP", "image/webp"},
      {"RIFF1234WAVE", "audio/wave"},
      {"RIFF1234AVI ", "video/avi"},
      {"FORM1234AIFF", "audio/aiff"},
      {"ID3", "audio/mpeg"},
      {"OggS\x00"sv, "application/ogg"},
      {"MThd\x00\x00\x00\x06"sv, "audio/midi"},
      {"\x1A\x45\xDF\xA3", "video/webm"},
      {"\x00\x00\x00\x18"
       "ftypmp42\x00\x00\x00\x00mp42mp41"sv,
       "video/mp4"},
      {"\x00\x00\x00\x10"
       "ftypisom\x00\x00mp4"sv,
       "application/octet-stream"},
      {"\x00\x00\x00\x18"
       "ftypmp4"sv,
       "application/octet-stream"},
      {"\x00\x01\x00\x00"sv, "font/ttf"},
      {"OTTO", "font/otf"},
      {"ttcf", "font/collection"},
      {"wOFF", "font/woff"},
      {"wOF2", "font/woff2"},
      {"\x00\x61\x73\x6D\x01\x00\x00\x00"sv, "application/wasm"},
      {"esc\x1b[0m", "text/plain; charset=utf-8"},
      {"del\x07", "application/octet-stream"},
      {"", "text/plain; charset=utf-8"},
      {" \r\n\f\t", "text/plain; charset=utf-8"},
  };
  for (const auto& [body, type] : cases) EXPECT_EQ(sniff_content_type(body), type) << body;
  EXPECT_EQ(sniff_content_type(std::string(34, 'x') + "LP"), "application/vnd.ms-fontobject");
}

TEST(Sniffing, LooksAtEveryByteOfTheFirst512) {
  for (std::size_t at = 0; at < 512; ++at) {
    std::string body(600, 'a');
    body[at] = '\x01';
    EXPECT_EQ(sniff_content_type(body), "application/octet-stream") << at;
  }
  std::string body(513, 'a');
  body[512] = '\0';
  EXPECT_EQ(sniff_content_type(body), "text/plain; charset=utf-8");
  for (int byte = 0; byte < 256; ++byte) {
    const bool binary =
        byte <= 8 || byte == 11 || (byte >= 14 && byte <= 26) || (byte >= 28 && byte <= 31);
    for (std::size_t size : {std::size_t{3}, std::size_t{40}}) {
      std::string text(size, 'a');
      text[1] = static_cast<char>(byte);
      EXPECT_EQ(sniff_content_type(text) == "application/octet-stream", binary) << byte;
    }
  }
}

TEST(Fields, NamesAreTokensAndCanBeCanonical) {
  EXPECT_TRUE(valid_field_name("X-Foo_1"));
  for (std::string_view name : {""sv, "a b"sv, "a:"sv, "\xC3\xA9"sv, "a\r\n"sv, "a\0"sv, "(x)"sv}) {
    EXPECT_FALSE(valid_field_name(name));
    std::string out = "before";
    EXPECT_FALSE(append_field_name(out, name, Case::canonical));
    EXPECT_EQ(out, "before");
  }
  std::string out;
  EXPECT_TRUE(append_field_name(out, "x-fOO-bAR_bAZ", Case::canonical));
  EXPECT_TRUE(append_field_name(out, "-x-fOO", Case::as_given));
  EXPECT_EQ(out, "X-Foo-Bar_baz-x-fOO");
  std::string name = "content-MD5";
  canonicalize(name);
  EXPECT_EQ(name, "Content-Md5");
  name = "bad name";
  canonicalize(name);
  EXPECT_EQ(name, "bad name");
}

TEST(Fields, ValuesCannotEndTheirLine) {  // spec:02#87
  auto value = [](std::string_view text) {
    std::string out;
    append_field_value(out, text);
    return out;
  };
  EXPECT_EQ(value("a\r\nSet-Cookie: b"), "a  Set-Cookie: b");
  EXPECT_EQ(value("  v \t"), "v");
  EXPECT_EQ(value("\r\n"), "");
  EXPECT_EQ(value("a\0b"sv), "a b");
  EXPECT_EQ(value("\x01 \r\n"), "");
  EXPECT_EQ(value("tab\tstays, in a long one \n\x01\x7f\r\xE9."),
            "tab\tstays, in a long one     \xE9.");
}

TEST(Fields, CompareWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("Keep-Alive", "keep-aLIVE"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

}  // namespace
}  // namespace rr::net::http
