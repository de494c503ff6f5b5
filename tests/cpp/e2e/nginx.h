// nginx from the distribution in front of a server under test.
#pragma once

#include <string>

#include "server.h"

namespace rr::e2e {

// Runs from construction to destruction, in the server's folder. In the texts {dir}, {port} and
// the like are filled in.
class Nginx {
 public:
  struct Options {
    std::string listen = "127.0.0.1:{port2}";
    std::string upstream = "127.0.0.1:{port}";  // with kept connections, as "http://app"
    std::string location;                       // inside of the location block
    std::string http{};                         // directives of the http block
  };
  Nginx(Server& server, const Options& options);
  ~Nginx() { stop(); }
  Nginx(const Nginx&) = delete;

  // Ends once its clients are served; its logs are whole then.
  void stop();

 private:
  Server& server_;
  bool running_ = false;
};

}  // namespace rr::e2e
