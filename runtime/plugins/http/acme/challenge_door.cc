#include "runtime/plugins/http/acme/challenge_door.h"

namespace rr::http::acme {

net::http::Handler::BodyPlan ChallengeDoor::head_complete(net::http::Transaction& transaction) {
  if (challenges_.any()) {
    const HttpRequest& request = transaction.request();
    if (const auto file = challenges_.file(request(request.head.path))) {
      static constexpr HeaderView kType[] = {{"Content-Type", "application/octet-stream"}};
      transaction.answer_at_once({.status = 200, .headers = kType}, *file);
      return BodyPlan::refuse;  // answered
    }
  }
  return next_.head_complete(transaction);
}

}  // namespace rr::http::acme
