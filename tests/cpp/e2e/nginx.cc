#include "nginx.h"

#include <unistd.h>

#include <utility>

#include <gtest/gtest.h>

namespace rr::e2e {

Nginx::Nginx(Server& server, const Options& options) : server_(server) {
  server.shell("cat > {dir}/nginx.conf <<'END'\ndaemon on; " +
               std::string(::geteuid() == 0 ? "user root; " : "") +
               "worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.log;\n"
               "events { worker_connections 256; }\nhttp { " +
               (options.http.empty() ? "access_log off;" : options.http) +
               "\nclient_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2;"
               "fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;\n"
               "upstream app { server " +
               options.upstream + "; keepalive 4; }\nserver { listen " + options.listen +
               "; location / { " + options.location + " } } }\nEND\n");
  const auto ran = server.shell("PATH=$PATH:/usr/sbin nginx -p {dir} -c {dir}/nginx.conf 2>&1");
  EXPECT_EQ(ran.status, 0) << ran.output;
  running_ = ran.status == 0;
}

void Nginx::stop() {
  if (!std::exchange(running_, false)) return;
  server_.shell(
      "kill -QUIT $(cat {dir}/nginx.pid); while [ -e {dir}/nginx.pid ]; do sleep 0.05; done");
}

}  // namespace rr::e2e
