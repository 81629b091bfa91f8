#include "runner/store/token.h"

#include <algorithm>

#include "stages/host/hash.h"
#include "stages/host/random.h"

namespace pipeline::store {

std::string make_token() {
  base::Digest::Bytes bytes{};
  std::ranges::copy(host::random_bytes(bytes.size()), bytes.begin());
  return "pipeline_" + base::Digest(bytes).hex();
}

base::Digest digest_of_token(std::string_view token) {
  return host::sha256(token);
}

}  // namespace pipeline::store
