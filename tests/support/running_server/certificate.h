// Certificates for tests of TLS, made by OpenSSL's own tool.
#pragma once

#include <filesystem>
#include <string>

#include "runner/server/http/wire/server.h"

namespace pipeline::support {

// A key and a certificate that it signs itself, for the name: "first" or "localhost". Throws when
// there is no openssl.
http::TlsFiles make_certificate(const std::filesystem::path& directory, const std::string& name);

}  // namespace pipeline::support
