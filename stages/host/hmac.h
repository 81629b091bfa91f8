// Keyed digests (RFC 2104), and how secrets are held against what a stranger sent.
#pragma once

#include <string_view>

#include "pipelines/base/digest.h"

namespace pipeline::host {

base::Digest hmac_sha256(std::string_view key, std::string_view message);

// How long it takes tells nothing of where they differ; their lengths are no secret.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace pipeline::host
