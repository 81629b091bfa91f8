// API tokens as text: made here, shown once, and kept only as a digest. They are random enough
// (256 bits) that a plain SHA-256 is as good as any slower hash.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/digest.h"

namespace pipeline::store {

// "pipeline_" and 64 hexadecimal digits: what scanners for leaked secrets can look for.
std::string make_token();

// What a forge signs its webhooks with: "pipeline_hook_" and as many digits. Unlike a token it is
// kept as it is, encrypted: it takes the secret to check a signature.
std::string make_webhook_secret();

// What is kept of a token.
base::Digest digest_of_token(std::string_view token);

}  // namespace pipeline::store
