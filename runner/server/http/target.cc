#include "runner/server/http/target.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::http {

namespace {

using base::ErrorKind;
using base::fail;
using base::Result;

constexpr std::size_t kLongest = 8192;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

// Letters of a locale have no place here.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { is_plus, is_space };

Result<std::string> decode(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(ErrorKind::invalid, "a broken escape in the address");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    decoded += c;
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(decoded, is_control))
    return fail(ErrorKind::invalid, "a control character in the address");
  if (!base::is_valid_utf8(decoded))
    return fail(ErrorKind::invalid, "the address is not valid UTF-8");
  return decoded;
}

Result<std::vector<std::string>> parse_path(std::string_view text) {
  if (!text.starts_with('/')) return fail(ErrorKind::invalid, "the address has no path");
  text.remove_prefix(1);
  if (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (const std::string& part : base::split(text, '/')) {
    PIPELINE_ASSIGN(std::string decoded, decode(part, Plus::is_plus));
    if (decoded.empty() || decoded == "." || decoded == ".." ||
        decoded.find('/') != std::string::npos)
      return fail(ErrorKind::invalid, "the address leads nowhere");
    parts.push_back(std::move(decoded));
  }
  return parts;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const std::string& part : base::split(text, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto value = equals == std::string::npos ? std::string() : part.substr(equals + 1);
    PIPELINE_ASSIGN(std::string name, decode(part.substr(0, equals), Plus::is_space));
    PIPELINE_ASSIGN(std::string decoded, decode(value, Plus::is_space));
    values.emplace_back(std::move(name), std::move(decoded));
  }
  return values;
}

std::string_view without_authority(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto slash = text.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : text.substr(slash);
  }
  return text;
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

Result<Target> parse_target(std::string_view text) {
  if (text.size() > kLongest) return fail(ErrorKind::invalid, "the address is too long");
  if (text.find('#') != std::string_view::npos)
    return fail(ErrorKind::invalid, "the address has a fragment");
  text = without_authority(text);
  const auto question = text.find('?');
  Target target;
  PIPELINE_ASSIGN(target.path, parse_path(text.substr(0, question)));
  if (question == std::string_view::npos) return target;
  target.raw_query = text.substr(question + 1);
  PIPELINE_ASSIGN(target.query, parse_query(target.raw_query));
  return target;
}

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (is_unreserved(c)) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kHexDigits[byte >> 4U], kHexDigits[byte & 0xfU]};
  }
  return escaped;
}

}  // namespace pipeline::http
