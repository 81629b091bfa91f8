#include "pipelines/config/formats.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>

#include "pipelines/access/subject.h"
#include "pipelines/base/glob.h"
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/model/placeholder.h"

namespace pipeline::config {

namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool contains(std::string_view set, char byte) {
  return set.find(byte) != std::string_view::npos;
}

bool consists_of(std::string_view text, std::string_view extra) {
  return std::ranges::all_of(text, [extra](char byte) {
    return contains(kLetters, byte) || contains(kDigits, byte) || contains(extra, byte);
  });
}

tl::unexpected<base::Error> wrong(std::string_view text, std::string_view cause) {
  return base::fail(base::ErrorKind::invalid,
                    '"' + base::printable(text) + "\" " + std::string(cause));
}

// A whole number from 1 to `most`, digits only.
std::optional<std::uint32_t> parse_number(std::string_view digits, std::uint32_t most) {
  std::uint32_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || rest != end || number < 1 || number > most) return std::nullopt;
  return number;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  const auto port = parse_number(digits, 65535);
  if (!port) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

bool is_loopback_v4(std::string_view host) {
  const auto numbers = base::split(host, '.');
  return numbers.size() == 4 && numbers[0] == "127" &&
         std::ranges::all_of(numbers, [](const std::string& number) {
           return number == "0" || parse_number(number, 255).has_value();
         });
}

// Placeholders of what is known of a run before it starts.
bool names_fact(std::string_view name) {
  return name == "branch" || name == "tag" || name == "commit" || name == "event" ||
         name.starts_with("param.");
}

base::Result<std::string> parse_key(std::string_view text,
                                    const std::function<bool(std::string_view)>& is_placeholder) {
  constexpr std::size_t kLongest = 512;
  if (text.empty() || text.size() > kLongest || base::printable(text) != text) {
    return wrong(base::elide(text, kLongest), "is no key: expected 1 to 512 printable characters");
  }
  const auto check = [&](std::string_view name) -> std::optional<std::string> {
    return is_placeholder(name) ? std::optional<std::string>("") : std::nullopt;
  };
  PIPELINE_TRY(model::fill_placeholders(text, check));
  return std::string(text);
}

bool climbs(std::string_view path) {
  const auto segments = base::split(path, '/');
  return std::ranges::find(segments, "..") != segments.end();
}

}  // namespace

base::Result<std::string> parse_non_empty(std::string_view text) {
  if (base::trim(text).empty()) return base::fail(base::ErrorKind::invalid, "the text is empty");
  return std::string(text);
}

base::Result<std::string> parse_name(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  const std::string rule =
      "a name has letters, digits, '.', '_' and '-', starts with a letter or "
      "digit, and is at most 64 long";
  if (text.empty() || text.size() > kLongest || !consists_of(text, "._-") ||
      !consists_of(text.substr(0, 1), "")) {
    return base::fail(
        base::Error(base::ErrorKind::invalid,
                    '"' + base::elide(base::printable(text), kLongest) + "\" is not a name")
            .hint(rule));
  }
  return std::string(text);
}

base::Result<std::string> parse_artifact_name(std::string_view text) {
  const auto any = [](std::string_view) -> std::optional<std::string> { return "x"; };
  PIPELINE_ASSIGN(const std::string filled, model::fill_placeholders(text, any));
  auto parsed = parse_name(filled);
  if (!parsed) return parsed;
  return std::string(text);
}

base::Result<std::string> parse_cache_key(std::string_view text) {
  return parse_key(text, [](std::string_view name) {
    if (const auto glob = model::files_placeholder(name)) return parse_path_glob(*glob).has_value();
    return names_fact(name) || name.starts_with("matrix.");
  });
}

base::Result<std::string> parse_run_key(std::string_view text) {
  return parse_key(text, names_fact);
}

base::Result<std::string> parse_matrix_value(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest || base::printable(text) != text ||
      text.find_first_of(",[]{}") != std::string_view::npos) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, '"' + base::elide(base::printable(text), kLongest) +
                                                  "\" cannot stand in the name of a job")
            .hint("a value of a matrix is 1 to 64 printable characters without ',', "
                  "brackets and braces"));
  }
  return std::string(text);
}

base::Result<std::string> parse_need_name(std::string_view text) {
  std::string_view stage = text;
  if (stage.ends_with('?')) stage.remove_suffix(1);
  PIPELINE_TRY(parse_name(stage));
  return std::string(text);
}

base::Result<std::string> parse_tool(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest || !consists_of(text, "._+-")) {
    return wrong(base::elide(text, kLongest), "is not the name of a program");
  }
  return std::string(text);
}

base::Result<std::string> parse_approver(std::string_view text) {
  PIPELINE_TRY(parse_name(access::parse_subject(text).name));
  return std::string(text);
}

base::Result<std::string> parse_variable(std::string_view text) {
  if (text.empty() || !consists_of(text, "_") || contains(kDigits, text.front())) {
    return wrong(text, "is not a variable's name: letters, digits and '_', no digit first");
  }
  return std::string(text);
}

base::Result<std::string> parse_env_variable(std::string_view text) {
  for (const std::string_view prefix : {"PIPELINE_", "PARAM_", "MATRIX_", "ARTIFACT_", "SPLIT_"}) {
    if (text.starts_with(prefix)) {
      return wrong(text, "is set by the pipeline itself: choose a name that does not start with " +
                             std::string(prefix));
    }
  }
  if (text == "WORKSPACE") return wrong(text, "is set by the pipeline itself");
  return parse_variable(text);
}

base::Result<std::string> parse_flag_key(std::string_view text) {
  if (text.empty() || !consists_of(text, "._-")) {
    return wrong(text, "is not a toggle's key: letters, digits, '.', '_' and '-'");
  }
  return std::string(text);
}

base::Result<std::string> parse_secret_name(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    // Not repeated here: it may well be a secret.
    return base::fail(
        base::Error(base::ErrorKind::invalid,
                    "this is a URL: what stands here is the name of the secret that holds it")
            .hint("keep it on the server with pipeline secret set NAME, and write NAME"));
  }
  return parse_variable(text);
}

base::Result<std::string> parse_mail_address(std::string_view text) {
  constexpr std::size_t kLongest = 254;
  const auto at = text.find('@');
  const std::string_view local = text.substr(0, at);
  const std::string_view domain =
      at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  const bool is_good = text.size() <= kLongest && !local.empty() && !domain.empty() &&
                       consists_of(local, ".!#$%&'*+/=?^_`{|}~-") && consists_of(domain, ".-") &&
                       !contains(".-", domain.front()) && !contains(".-", domain.back());
  if (!is_good) return wrong(text, "is no address of mail: team@example.org");
  return std::string(text);
}

base::Result<std::uint64_t> parse_positive_size(std::string_view text) {
  auto size = base::parse_size(text);
  if (size && *size == 0) {
    return base::fail(base::ErrorKind::invalid, "the size must be larger than zero");
  }
  return size;
}

base::Result<std::string> parse_glob(std::string_view text) {
  PIPELINE_TRY(base::Glob::compile(text));
  return std::string(text);
}

base::Result<std::string> parse_path_glob(std::string_view text) {
  if (text.starts_with('/') || climbs(text)) {
    return wrong(text, "leaves the workspace: patterns are relative to it");
  }
  if (text.starts_with("./")) {
    return wrong(text, "never matches: leave out the \"./\" in front");
  }
  // "build/" reads as everything below build, as in `outputs`.
  return parse_glob(text.ends_with('/') ? std::string(text) + "**" : std::string(text));
}

base::Result<std::string> parse_relative_path(std::string_view text) {
  PIPELINE_TRY(parse_non_empty(text));
  if (text.starts_with('/') || climbs(text)) {
    return wrong(text, "leaves the workspace: paths are relative to it");
  }
  if (text.find_first_of("*?[") != std::string_view::npos) {
    return wrong(text, "is a pattern, but a file or directory is named here");
  }
  std::vector<std::string> kept;
  for (std::string& segment : base::split(text, '/')) {
    if (!segment.empty() && segment != ".") kept.push_back(std::move(segment));
  }
  if (kept.empty()) return wrong(text, "is the whole workspace: name a file or directory in it");
  return base::join(kept, "/");
}

base::Result<std::string> parse_absolute_path(std::string_view text) {
  if (!text.starts_with('/') || climbs(text)) {
    return wrong(text, "is not an absolute path without \"..\"");
  }
  return std::string(text);
}

base::Result<std::string> parse_http_path(std::string_view text) {
  if (!text.starts_with('/')) return wrong(text, "is not a path that starts with '/'");
  if (std::ranges::any_of(text, [](char byte) { return byte <= ' ' || byte == 0x7f; })) {
    return wrong(text, "has a space or control character in it");
  }
  return std::string(text);
}

base::Result<std::string> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !parse_port(text.substr(colon + 1))) {
    return wrong(text, "is not host:port with a port from 1 to 65535");
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || !consists_of(host, bracketed ? ":." : ".-")) {
    return wrong(text, "has no host that can be listened on, such as 127.0.0.1, [::1] or a name");
  }
  return std::string(text);
}

base::Result<model::LoopbackEndpoint> parse_loopback(std::string_view text) {
  PIPELINE_TRY(parse_address(text));
  std::string_view host = text.substr(0, text.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = {};
  if (!host.empty() && host != "::1" && !is_loopback_v4(host)) {
    return base::fail(base::Error(base::ErrorKind::invalid,
                                  '"' + base::printable(host) + "\" is not the job's loopback")
                          .hint("services run beside the job: 127.0.0.1, [::1] or localhost"));
  }
  return model::LoopbackEndpoint{.host = std::string(host), .port = port_of(text), .http_path = {}};
}

base::Result<model::LoopbackEndpoint> parse_loopback_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) {
    return wrong(text, "is not a URL such as \"http://127.0.0.1:8080/health\"");
  }
  const std::string_view rest = text.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string address(rest.substr(0, slash));
  const auto bracket = address.find(']');
  if (address.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos) {
    address += ":80";
  }
  PIPELINE_ASSIGN(auto endpoint, parse_loopback(address));
  PIPELINE_ASSIGN(endpoint.http_path,
                  parse_http_path(slash < rest.size() ? rest.substr(slash) : "/"));
  return endpoint;
}

base::Result<model::PortRange> parse_ports(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last) return wrong(text, "is not a range of ports such as \"8101-8132\"");
  if (*first > *last) return wrong(text, "is a range that ends before it starts");
  return model::PortRange{*first, *last};
}

base::Result<std::uint32_t> parse_percent(std::string_view text) {
  const auto percent =
      text.ends_with('%') ? parse_number(text.substr(0, text.size() - 1), 100) : std::nullopt;
  if (!percent) return wrong(text, R"(is not a percentage from "1%" to "100%")");
  return *percent;
}

std::uint16_t port_of(std::string_view address) {
  return parse_port(address.substr(address.rfind(':') + 1)).value_or(0);
}

}  // namespace pipeline::config
