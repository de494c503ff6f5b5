#include "runtime/net/compress/sink.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <string>
#include <thread>

#include <brotli/decode.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/recording_sink.h"

namespace rr::net::compress {
namespace {

using Wait = HttpAnswerSink::Wait;

std::string sample(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += "line " + std::to_string(i * i) + "\n";
  text.resize(size);
  return text;
}

// What a client makes of it; with `partial`, as far as it can be read yet.
std::string decoded(Encoding encoding, const std::string& bytes, bool partial = false) {
  std::string out(64 * 1024 * 1024, '\0');
  switch (encoding) {
    case Encoding::gzip: {
      z_stream stream{};
      inflateInit2(&stream, MAX_WBITS + 16);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(bytes.size());
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&stream, Z_SYNC_FLUSH);
      EXPECT_EQ(result, partial ? Z_OK : Z_STREAM_END);
      out.resize(out.size() - stream.avail_out);
      inflateEnd(&stream);
      return out;
    }
    case Encoding::br: {
      auto* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
      const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
      std::size_t in_left = bytes.size(), left = out.size();
      auto* at = reinterpret_cast<std::uint8_t*>(out.data());
      const auto result = BrotliDecoderDecompressStream(state, &in_left, &in, &left, &at, nullptr);
      EXPECT_EQ(result,
                partial ? BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT : BROTLI_DECODER_RESULT_SUCCESS);
      out.resize(out.size() - left);
      BrotliDecoderDestroyInstance(state);
      return out;
    }
    case Encoding::zstd: {
      auto* context = ZSTD_createDCtx();
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      const std::size_t left = ZSTD_decompressStream(context, &to, &in);
      EXPECT_FALSE(ZSTD_isError(left));
      EXPECT_EQ(left == 0, !partial);
      out.resize(to.pos);
      ZSTD_freeDCtx(context);
      return out;
    }
  }
  return {};
}

class CompressingSinkTest : public ::testing::TestWithParam<Encoding> {
 protected:
  RecordingSink end;
  CompressingSink sink{end, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Encodings, CompressingSinkTest,
                         ::testing::Values(Encoding::gzip, Encoding::br, Encoding::zstd),
                         [](const auto& info) { return std::string(name_of(info.param)); });

// spec:02#53
TEST_P(CompressingSinkTest, CompressesAWholeAnswer) {
  const std::string text = sample(5 * 1024 * 1024);
  const HeaderView headers[] = {
      {"Etag", "\"x\""}, {"Accept-Ranges", "bytes"}, {"Content-Length", "5242880"}};
  EXPECT_TRUE(sink.respond({.status = 200, .headers = headers}, PinnedBytes{text}));
  EXPECT_TRUE(end.whole);
  EXPECT_EQ(decoded(GetParam(), end.body), text);
  EXPECT_EQ(end.head.header("Content-Encoding"), name_of(GetParam()));
  EXPECT_EQ(end.head.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(end.head.header("Etag"), "W/\"x\"");
  EXPECT_EQ(end.head.header("Accept-Ranges"), "");
  EXPECT_EQ(end.head.header("Content-Length"), "");
}

TEST_P(CompressingSinkTest, EachPieceOfAStreamCanBeReadAtOnce) {
  const HeaderView type{"Content-Type", "text/event-stream"};
  EXPECT_TRUE(sink.start({.status = 200, .headers = {&type, 1}}));
  sink.write(PinnedBytes{"data: one\n\n"}, Wait::no);
  EXPECT_EQ(decoded(GetParam(), end.body, true), "data: one\n\n");
  sink.write(PinnedBytes{"data: two\n\n"}, Wait::no);
  EXPECT_EQ(decoded(GetParam(), end.body, true), "data: one\n\ndata: two\n\n");
  EXPECT_TRUE(sink.finish());
  EXPECT_EQ(decoded(GetParam(), end.body), "data: one\n\ndata: two\n\n");
  EXPECT_TRUE(end.finished);
}

TEST_P(CompressingSinkTest, AStreamWithoutATypeIsDecidedByItsFirstBytes) {
  EXPECT_TRUE(sink.start({.status = 200}));
  EXPECT_EQ(end.head.status, 0);
  sink.write(PinnedBytes{"<html>"}, Wait::no);
  EXPECT_EQ(end.head.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(end.head.header("Content-Encoding"), name_of(GetParam()));
  sink.finish();
  EXPECT_EQ(decoded(GetParam(), end.body), "<html>");
}

TEST_P(CompressingSinkTest, LeavesAloneWhatIsNotWorthIt) {
  const HeaderView out{"No-Gzip-Compression", "1"};
  const std::string text = sample(4000);
  sink.respond({.status = 200, .headers = {&out, 1}}, PinnedBytes{text});
  EXPECT_EQ(end.body, text);
  EXPECT_EQ(end.head.header("Content-Encoding"), "");
  EXPECT_EQ(end.head.header("No-Gzip-Compression"), "");

  RecordingSink small_end;
  CompressingSink small(small_end, GetParam());
  small.respond({.status = 200}, PinnedBytes{"small"});
  EXPECT_EQ(small_end.body, "small");

  RecordingSink picture_end;
  CompressingSink picture(picture_end, GetParam());
  picture.start({.status = 200});
  picture.write(PinnedBytes{"\xFF\xD8\xFF picture"}, Wait::no);
  picture.finish();
  EXPECT_EQ(picture_end.body, "\xFF\xD8\xFF picture");
}

TEST_P(CompressingSinkTest, ReadsFiles) {
  constexpr std::size_t kTooLong = 5'000'000;
  for (const std::size_t size :
       {std::size_t{100}, std::size_t{50'000}, std::size_t{3'000'000}, kTooLong}) {
    FILE* file = std::tmpfile();
    const std::string text = sample(size);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    RecordingSink here;
    CompressingSink one(here, GetParam());
    const HeaderView type{"Content-Type", "text/plain"};
    int released = 0;
    one.respond_file({.status = 200, .headers = {&type, 1}},
                     {.descriptor = fileno(file),
                      .length = size,
                      .release = [](void* owner) { ++*static_cast<int*>(owner); },
                      .owner = &released});
    EXPECT_TRUE(here.finished);
    EXPECT_EQ(released, 1);
    const bool plain = size < kLeast || size == kTooLong;
    EXPECT_EQ(plain ? here.body : decoded(GetParam(), here.body), text);
    std::fclose(file);
  }
}

TEST_P(CompressingSinkTest, AnEncoderIsAsNewWhenItIsUsedAgain) {
  for (int i = 0; i < 3; ++i) {
    RecordingSink here;
    CompressingSink one(here, GetParam());
    one.start({.status = 200});
    one.write(PinnedBytes{"begun and left"}, Wait::no);  // no finish: the client has gone
  }
  const std::string text = sample(2000);
  sink.respond({.status = 200}, PinnedBytes{text});
  EXPECT_EQ(decoded(GetParam(), end.body), text);
}

TEST_P(CompressingSinkTest, AnAnswerMayEndOnAnotherThread) {
  sink.start({.status = 200});
  sink.write(PinnedBytes{"one "}, Wait::no);
  std::thread([&] {
    sink.write(PinnedBytes{"two"}, Wait::no);
    sink.finish();
  }).join();
  EXPECT_EQ(decoded(GetParam(), end.body), "one two");
}

}  // namespace
}  // namespace rr::net::compress
