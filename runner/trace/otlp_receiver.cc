#include "runner/trace/otlp_receiver.h"

#include <algorithm>
#include <cstdlib>

#include "agents/http/server_address.h"
#include "pipelines/base/text.h"

namespace pipeline::trace {

namespace {

using base::Result;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kHeaders = "OTEL_EXPORTER_OTLP_HEADERS";

base::Error invalid(const std::string& name, const std::string& what) {
  return {base::ErrorKind::invalid, name + " " + what};
}

// One of traces alone goes before one of everything.
std::optional<std::string> either(const FindVariable& find, const char* of_traces,
                                  const char* of_all) {
  auto value = find(of_traces);
  return value ? value : find(of_all);
}

std::optional<unsigned char> hex_byte(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    const auto digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return digits.size() == 2 ? std::optional(static_cast<unsigned char>(value)) : std::nullopt;
}

// As in a URL; none where a '%' is not one of them.
std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto byte = hex_byte(text.substr(i + 1, 2));
    if (!byte) return std::nullopt;
    plain += static_cast<char>(*byte);
    i += 2;
  }
  return plain;
}

bool is_field_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, is_word);
}

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(
      value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

std::optional<std::pair<std::string, std::string>> field_in(std::string_view part) {
  const auto equals = part.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view name = base::trim(part.substr(0, equals));
  auto value = unescaped(base::trim(part.substr(equals + 1)));
  if (!value || !is_field_name(name) || !is_field_value(*value)) return std::nullopt;
  return std::pair(std::string(name), *std::move(value));
}

Result<Fields> fields_in(const std::string& text) {
  Fields fields;
  for (const std::string& part : base::split(text, ',')) {
    if (base::trim(part).empty()) continue;
    auto field = field_in(part);
    // Values are keys often enough: nothing of them is said.
    if (!field)
      return base::fail(invalid(kHeaders, "has to be name=value,name=value, percent-encoded"));
    fields.push_back(*std::move(field));
  }
  return fields;
}

}  // namespace

Result<std::optional<OtlpReceiver>> otlp_receiver_of(const FindVariable& find) {
  constexpr const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const auto exact = find("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const auto endpoint = exact ? exact : find(kEndpoint);
  if (!endpoint || find("OTEL_SDK_DISABLED") == "true") return std::optional<OtlpReceiver>();
  if (either(find, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc")
    return base::fail(
        base::Error(invalid("OTEL_EXPORTER_OTLP_PROTOCOL", "is grpc, and traces go over HTTP only"))
            .hint(
                "set it to http/json, and the endpoint to the receiver's HTTP port, mostly 4318"));
  OtlpReceiver receiver{.url = *endpoint, .fields = {}};
  if (!exact) {
    while (receiver.url.ends_with('/')) receiver.url.pop_back();
    receiver.url += "/v1/traces";
  }
  const auto address = http_client::ServerAddress::parse(receiver.url);
  if (!address)
    return base::fail(invalid(kEndpoint, "is no URL of HTTP: " + address.error().message()));
  receiver.server = address->authority();
  if (const auto headers = either(find, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", kHeaders)) {
    PIPELINE_ASSIGN(receiver.fields, fields_in(*headers));
  }
  return std::optional(std::move(receiver));
}

std::optional<std::string> find_in_environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace pipeline::trace
