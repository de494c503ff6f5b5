// Bytes of clients that want to be misread, or are broken, or lie: what a connection sends before
// its end. Endless, and the same for the same seed. One thread uses a corpus.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace rr::e2e {

class HostileCorpus {
 public:
  explicit HostileCorpus(std::uint64_t seed) : random_(seed) {}

  // Requests for /r/<number> with one for /smuggled/<number> inside of the body, framed in a way
  // that some reader takes for its end. To reject it is right, to answer /r/<number> is right, and
  // then /r/<number>/end behind it.
  std::string smuggling(const std::string& number);
  // Requests that are cut off, with bytes changed, too long, or made of pieces in any order.
  std::string broken_http1(const std::string& number);
  // A preface and frames of any kind, of which some lie.
  std::string http2(const std::string& number);
  std::string fastcgi(const std::string& number);
  // A datagram as QUIC's, or not quite.
  std::string quic();

 private:
  std::uint32_t draw(std::uint32_t below) { return random_() % below; }
  bool one_in(std::uint32_t chances) { return draw(chances) == 0; }
  template <class List>
  const auto& any_of(const List& list) {
    return list[draw(static_cast<std::uint32_t>(std::size(list)))];
  }
  std::string noise(std::size_t size);
  void spoil(std::string& bytes);
  std::string bad_chunks(const std::string& data);
  std::string http2_frame(const std::string& number);
  std::string header_block(const std::string& number);

  std::mt19937 random_;
};

// Sends all that the other side takes, then FIN, and reads to the end. False: no end came in time.
bool talk(const std::string& socket_path, const std::string& bytes, std::string& answer);
// Datagrams to a port of this machine, from one of its own; what comes back is thrown away.
void throw_datagrams(std::uint16_t port, HostileCorpus& corpus, std::uint64_t count);

}  // namespace rr::e2e
