#include "runner/identity/json_web_token.h"

#include <boost/json.hpp>
#include <vector>

#include "pipelines/base/text.h"
#include "runner/identity/base64url.h"

namespace pipeline::identity {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kLargestToken = std::size_t{64} << 10U;

base::Error refused(const std::string& why) {
  return {ErrorKind::permission, "the token of the provider " + why};
}

// None when it is no JSON object. Of a member that is there twice the last counts, for everybody
// here: there is one reader.
std::optional<json::object> object_in(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  json::error_code error;
  json::value value = json::parse(*text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

struct Parts {
  json::object header;
  json::object claims;
  std::string_view message;  // what is signed
  std::string signature;
};

std::optional<Parts> parts_of(std::string_view token) {
  if (token.size() > kLargestToken) return std::nullopt;
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  if (first == std::string_view::npos || first == second) return std::nullopt;
  if (token.find('.', first + 1) != second) return std::nullopt;
  auto header = object_in(token.substr(0, first));
  auto claims = object_in(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return Parts{*std::move(header), *std::move(claims), token.substr(0, second),
               *std::move(signature)};
}

std::optional<std::string> text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

}  // namespace

std::optional<std::string> key_id_of(std::string_view token) {
  const auto parts = parts_of(token);
  return parts ? text_of(parts->header, "kid") : std::nullopt;
}

Result<json::object> claims_of(std::string_view token, const KeySet& keys) {
  auto parts = parts_of(token);
  if (!parts) return base::fail(refused("is none"));
  const auto name = text_of(parts->header, "alg");
  const auto algorithm = algorithm_of(name.value_or(""));
  if (!algorithm)
    return base::fail(refused("is signed by \"" + base::printable(name.value_or("")) +
                              "\", which is neither RS256 nor ES256"));
  if (parts->header.contains("crit")) return base::fail(refused("asks for an unknown extension"));
  if (parts->header.contains("kid") && !text_of(parts->header, "kid"))
    return base::fail(refused("names no key"));
  if (!keys.verify(*algorithm, text_of(parts->header, "kid"), parts->message, parts->signature))
    return base::fail(refused("is signed by no key of its"));
  return std::move(parts->claims);
}

}  // namespace pipeline::identity
