#include "agents/http/server_address.h"

#include <algorithm>
#include <charconv>

#include "pipelines/base/text.h"

namespace pipeline::http_client {

namespace {

using base::Result;

constexpr std::uint16_t kHttp = 80;
constexpr std::uint16_t kHttps = 443;

base::Error no_address(std::string_view url) {
  return base::Error(base::ErrorKind::invalid,
                     "\"" + base::printable(url) + "\" is not the address of a server")
      .hint("write http://HOST:PORT or https://HOST");
}

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool is_path(std::string_view path) {
  return std::ranges::all_of(path,
                             [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

}  // namespace

Result<ServerAddress> ServerAddress::parse(std::string_view url) {
  ServerAddress address;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    address.is_tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return base::fail(no_address(url));
  }
  address.port = address.is_tls ? kHttps : kHttp;
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  std::string_view prefix = rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  address.prefix = prefix;
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return base::fail(no_address(url));
    address.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    address.host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (address.host.find(':') != std::string::npos) return base::fail(no_address(url));
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0)
      return base::fail(no_address(url));
  }
  if (!is_host(address.host) || !is_path(address.prefix)) return base::fail(no_address(url));
  return address;
}

std::string ServerAddress::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string name = is_v6 ? "[" + host + "]" : host;
  return port == (is_tls ? kHttps : kHttp) ? name : name + ":" + std::to_string(port);
}

std::string ServerAddress::to_text() const {
  return (is_tls ? "https://" : "http://") + authority() + prefix;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kDigits[byte >> 4U];
    escaped += kDigits[byte & 0xfU];
  }
  return escaped;
}

std::string ServerAddress::url_with(const std::string& user, const std::string& password) const {
  return (is_tls ? "https://" : "http://") + user + ":" + password + "@" + authority() + prefix;
}

}  // namespace pipeline::http_client
