// Where a server is: "http://127.0.0.1:8440", "https://ci.example.org", "https://example.org/ci".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::http_client {

struct ServerAddress {
  bool is_tls = false;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string prefix{};  // of every path: "" or "/ci"

  // ErrorKind::invalid for anything else, also with a user, a query or a fragment: tokens do not
  // belong into addresses.
  static base::Result<ServerAddress> parse(std::string_view url);
  // "127.0.0.1:8440", as the Host field says it: without the port that is understood.
  std::string authority() const;
  std::string to_text() const;
  // For git, which wants them there.
  std::string url_with(const std::string& user, const std::string& password) const;

  bool operator==(const ServerAddress&) const = default;
};

// The text as one part of a path or one value of a query (RFC 3986; unreserved characters stay).
std::string escaped(std::string_view text);

}  // namespace pipeline::http_client
