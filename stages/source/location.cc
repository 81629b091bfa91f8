#include "stages/source/location.h"

#include <cctype>
#include <optional>

#include "stages/host/hash.h"

namespace pipeline::source {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

// Past the user name and the password, if there are any.
std::size_t host_in(std::string_view text, std::size_t authority, std::size_t end) {
  const auto at = text.substr(0, end).rfind('@');
  return at != std::string_view::npos && at >= authority ? at + 1 : authority;
}

base::Result<Location> parse_file_url(std::string_view rest, const std::string& text) {
  if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
  if (!rest.starts_with('/'))
    return base::fail(
        base::Error(base::ErrorKind::invalid, without_credentials(text) + " names another host")
            .hint("write file:///path/to/repository"));
  return LocalLocation{percent_decoded(rest)};
}

base::Result<Location> parse_remote(const std::string& text, std::size_t authority) {
  const auto end = std::min(text.find('/', authority), text.size());
  const auto host = host_in(text, authority, end);
  const auto port = text.find_last_of("]:", end - 1);  // [::1]:8080
  // A password with a bare / in it: what stands before the / is not a host, so it is not shown.
  if (port != std::string::npos && port >= host && text[port] == ':' &&
      text.substr(port + 1, end - port - 1).find_first_not_of("0123456789") != std::string::npos)
    return base::fail(base::Error(base::ErrorKind::invalid, "the port in the URL is not a number")
                          .hint("in a user name or a password write %2F for / and %40 for @"));
  RemoteLocation remote{text, without_credentials(text)};
  while (remote.key.ends_with('/')) remote.key.pop_back();
  return remote;
}

base::Error not_over_ssh(const std::string& shown) {
  return base::Error(base::ErrorKind::invalid, "repositories over ssh are not supported: " + shown)
      .hint("use an https:// URL, or clone it and give the path");
}

}  // namespace

base::Result<Location> parse_location(const std::string& text) {
  if (text.empty()) return base::fail(base::ErrorKind::invalid, "the repository's name is empty");
  if (text.find('\0') != std::string::npos)
    return base::fail(base::ErrorKind::invalid, "the repository's name holds a zero byte");
  const auto scheme = text.find("://");
  if (scheme != std::string::npos) {
    const std::string_view name(text.data(), scheme);
    if (name == "file") return parse_file_url(std::string_view(text).substr(scheme + 3), text);
    if (name == "https" || name == "http" || name == "git") return parse_remote(text, scheme + 3);
    if (name == "ssh" || name == "git+ssh")
      return base::fail(not_over_ssh(without_credentials(text)));
    return base::fail(
        base::Error(base::ErrorKind::invalid,
                    std::string(name) + ":// is not supported: " + without_credentials(text))
            .hint("use an https:// URL, or clone it and give the path"));
  }
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(text, error);
  if (const auto colon = text.find(':');
      colon != std::string::npos && text.find('/') > colon && !std::filesystem::exists(path, error))
    return base::fail(not_over_ssh(text.substr(host_in(text, 0, text.size()))));
  return LocalLocation{path};
}

std::string without_credentials(std::string text) {
  constexpr std::string_view kEnd = "/ \t\n'\"";
  for (auto at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const auto authority = at + 3;
    const auto end = std::min(text.find_first_of(kEnd, authority), text.size());
    text.erase(authority, host_in(text, authority, end) - authority);
  }
  return text;
}

std::string mirror_name(const std::string& key) {
  std::string stem = std::filesystem::path(key).filename().string();
  if (stem.size() > 40) stem.resize(40);
  for (char& c : stem)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '-';
  return stem + "-" + host::sha256(key).short_hex();
}

}  // namespace pipeline::source
