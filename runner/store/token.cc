#include "runner/store/token.h"

#include <algorithm>

#include "stages/host/hash.h"
#include "stages/host/random.h"

namespace pipeline::store {

namespace {

std::string random_digits() {
  base::Digest::Bytes bytes{};
  std::ranges::copy(host::random_bytes(bytes.size()), bytes.begin());
  return base::Digest(bytes).hex();
}

}  // namespace

std::string make_token() {
  return "pipeline_" + random_digits();
}

std::string make_webhook_secret() {
  return "pipeline_hook_" + random_digits();
}

base::Digest digest_of_token(std::string_view token) {
  return host::sha256(token);
}

}  // namespace pipeline::store
