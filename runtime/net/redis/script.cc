#include "runtime/net/redis/script.h"

#include <iterator>
#include <string_view>
#include <utility>

#include <openssl/sha.h>

namespace rr::redis {

Script::Script(std::string body) : text(std::move(body)) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  for (const unsigned char byte : digest) {
    sha += kDigits[byte >> 4];
    sha += kDigits[byte & 15U];
  }
}

Result<Reply> run(Client& client, const Script& script, std::string key,
                  std::vector<std::string> arguments, Repeat repeat) {
  Call call{{"EVALSHA", script.sha, "1", key}, std::move(key), Access::write, repeat};
  call.command.insert(call.command.end(), std::make_move_iterator(arguments.begin()),
                      std::make_move_iterator(arguments.end()));
  auto replies = client.run({call});
  if (replies && replies->front().is_error("NOSCRIPT")) {
    call.command[0] = "EVAL";
    call.command[1] = script.text;
    replies = client.run({call});
  }
  if (!replies) return std::move(replies).error();
  return std::move(replies->front());
}

}  // namespace rr::redis
