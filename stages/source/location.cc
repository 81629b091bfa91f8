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

base::Result<Location> parse_file_url(std::string_view rest, const std::string& text) {
  if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
  if (!rest.starts_with('/'))
    return base::fail(base::Error(base::ErrorKind::invalid, text + " names another host")
                          .hint("write file:///path/to/repository"));
  return LocalLocation{percent_decoded(rest)};
}

RemoteLocation parse_remote(const std::string& text, std::size_t authority) {
  RemoteLocation remote{text, text};
  const auto end = std::min(text.find('/', authority), text.size());
  const auto at = text.rfind('@', end);
  if (at != std::string::npos && at >= authority && at < end)
    remote.key.erase(authority, at + 1 - authority);
  while (remote.key.ends_with('/')) remote.key.pop_back();
  return remote;
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
    return base::fail(
        base::Error(base::ErrorKind::invalid, std::string(name) + ":// is not supported: " + text)
            .hint("use an https:// URL, or clone it and give the path"));
  }
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(text, error);
  if (const auto colon = text.find(':');
      colon != std::string::npos && text.find('/') > colon && !std::filesystem::exists(path, error))
    return base::fail(
        base::Error(base::ErrorKind::invalid, "repositories over ssh are not supported: " + text)
            .hint("use an https:// URL, or clone it and give the path"));
  return LocalLocation{path};
}

std::string mirror_name(const std::string& key) {
  std::string stem = std::filesystem::path(key).filename().string();
  if (stem.size() > 40) stem.resize(40);
  for (char& c : stem)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '-';
  return stem + "-" + host::sha256(key).short_hex();
}

}  // namespace pipeline::source
