#include "tests/support/exchange/held_exchange.h"

namespace pipeline::support {

http::Request request(std::string method, std::string_view target, const std::string& token,
                      std::string body) {
  http::Request made;
  made.method = std::move(method);
  made.target = http::parse_target(target).value();
  made.peer = "192.0.2.1";
  made.body = std::move(body);
  if (!token.empty()) made.fields.add("authorization", "Bearer " + token);
  return made;
}

std::shared_ptr<HeldExchange> ask(api::Router& router, const http::Request& asked) {
  auto exchange = std::make_shared<HeldExchange>(asked);
  auto admission = router.admit(asked);
  if (admission.refusal) {
    exchange->answer(*std::move(admission.refusal));
  } else {
    admission.handle(exchange);
  }
  return exchange;
}

}  // namespace pipeline::support
