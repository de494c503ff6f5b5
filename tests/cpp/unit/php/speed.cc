// What an interpreter costs per exchange, without sockets: rr_php_speed STYLE COUNT [SCRIPT].
// Styles: classic, native (handle_request), objects (Http\Worker), raw (Worker), frames
// (STDIN/STDOUT).
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/cpp/unit/php/php_host.h"

int main(int argc, char** argv) {
  using namespace rr::php::testing;
  const std::map<std::string, std::string> scripts = {
      {"classic", "<?php echo 'hello';"},
      {"native", "<?php while (rr_embed_handle_request(static function () { echo 'hello'; }));"},
      {"objects",
       "<?php $w = new RrEmbed\\Http\\Worker; while ($r = $w->accept()) $r->respond(200, "
       "['Content-Type' => 'text/plain'], 'hello');"},
      {"raw",
       "<?php $w = RrEmbed\\Worker::current(); while ($p = $w->next()) $w->respond('hello', "
       "'{\"status\":200}');"},
      {"frames", R"(<?php
function frame(string $payload, int $option): string {
  $head = pack('CCVCC', 0x14, 8, strlen($payload), 0, 0);
  $head = chr(0x14) . chr(0) . chr(0x04 >> 2) ;
  return $head;
}
)"},
  };
  if (argc < 3) return 2;
  const std::string style = argv[1];
  Folder folder;
  ScriptRun run;
  run.config.classic = style == "classic";
  run.config.document_root = folder.path;
  std::string text = scripts.count(style) ? scripts.at(style) : "";
  if (argc > 3) {
    std::stringstream all;
    all << std::ifstream(argv[3]).rdbuf();
    text = all.str();
  }
  run.config.script = folder.write("index.php", text);
  const char* body = std::getenv("RR_SPEED_BODY");  // a form
  FakeExchange& exchange =
      body ? run.source.add("POST", "/?a=1",
                            {{"Content-Type", std::getenv("RR_SPEED_TYPE")
                                                  ? std::getenv("RR_SPEED_TYPE")
                                                  : "application/x-www-form-urlencoded"},
                             {"Cookie", "PHPSESSID=one"}},
                            body)
           : run.source.add("GET", "/", {{"User-Agent", "wrk"}, {"Accept", "*/*"}});
  exchange.context =
      R"({"remoteAddr":"127.0.0.1","protocol":"HTTP/1.1","method":"GET","uri":"http://x/","headers":{}})";
  run.source.repeat = std::strtoul(argv[2], nullptr, 10);
  need_engine();
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const auto start = std::chrono::steady_clock::now();
  run();
  const auto wall =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  getrusage(RUSAGE_SELF, &after);
  const auto us = [](const timeval& t) { return t.tv_sec * 1e6 + t.tv_usec; };
  const double count = static_cast<double>(run.source.handed_out);
  std::printf(
      "%s: %.0f exchanges, %.2f us wall, %.2f us user, %.2f us system each; last: %d %s%s\n",
      style.c_str(), count, wall / count, (us(after.ru_utime) - us(before.ru_utime)) / count,
      (us(after.ru_stime) - us(before.ru_stime)) / count, exchange.head ? exchange.head->status : 0,
      exchange.body.substr(0, 60).c_str(), exchange.error ? exchange.error->text().c_str() : "");
  std::printf("end: %s %s\n", std::string(rr::php::to_string(run.report.end)).c_str(),
              run.report.message.c_str());
}
