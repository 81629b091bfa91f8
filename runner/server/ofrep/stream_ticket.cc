#include "runner/server/ofrep/stream_ticket.h"

#include "stages/host/hmac.h"

namespace pipeline::ofrep {

std::string StreamTickets::of(const deploy::EnvironmentKey& key) const {
  // A slash is in neither name.
  return host::hmac_sha256(key_, "flags of " + key.pipeline + "/" + key.environment).hex();
}

bool StreamTickets::is_good(std::string_view ticket, const deploy::EnvironmentKey& key) const {
  return host::equal_in_constant_time(ticket, of(key));
}

}  // namespace pipeline::ofrep
