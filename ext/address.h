// Where a server listens: tcp://host:port, unix://path.
#ifndef RR_EMBED_ADDRESS_H
#define RR_EMBED_ADDRESS_H

#include <string>
#include <string_view>

namespace rr::ext {

struct Address {
  enum class Kind { tcp, local };

  // Also without a scheme where it looks like one of tcp ("127.0.0.1:6001", ":6001"). No host and
  // the wildcards ("0.0.0.0", "[::]") mean this machine. False: it is no address.
  static bool parse(std::string_view text, Address* out);
  // As written in texts and as the key of connections: "tcp://[::1]:6001".
  std::string text() const;

  Kind kind = Kind::tcp;
  std::string host;  // of tcp, without brackets
  std::string port;
  std::string path;  // of a unix socket, shorter than what the system allows
};

}  // namespace rr::ext

#endif
