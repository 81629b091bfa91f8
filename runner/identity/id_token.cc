#include "runner/identity/id_token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/json.hpp>

namespace pipeline::identity {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kLongestSubject = 255;  // as the standard has it
constexpr std::size_t kMostGroups = 1000;

base::Error refused(const std::string& why) {
  return {ErrorKind::permission, "the ID token of the provider " + why};
}

std::optional<std::string> text_of(const json::object& claims, std::string_view name) {
  const auto* const value = claims.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

// Seconds since 1970, with or without a fraction.
std::optional<base::TimePoint> time_of(const json::object& claims, std::string_view name) {
  constexpr double kFarAway = 1e11;  // the year 5138: what is later would not fit
  const auto* const value = claims.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  json::error_code error;
  const double seconds = value->to_number<double>(error);
  if (error || !(seconds >= 0 && seconds < kFarAway)) return std::nullopt;
  return base::TimePoint(std::chrono::duration_cast<base::TimePoint::duration>(
      std::chrono::duration<double>(seconds)));
}

std::vector<std::string> texts_of(const json::object& claims, std::string_view name) {
  const auto* const value = claims.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) return {std::string(value->get_string())};
  std::vector<std::string> texts;
  if (!value->is_array()) return texts;
  for (const json::value& one : value->get_array())
    if (one.is_string() && texts.size() < kMostGroups) texts.emplace_back(one.get_string());
  return texts;
}

bool is_same_secret(const std::string& one, const std::string& other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

// One that is for others as well has to say that it was we who asked for it.
Result<> check_audience(const json::object& claims, const Expected& expected) {
  const auto audience = texts_of(claims, "aud");
  if (std::ranges::find(audience, expected.client_id) == audience.end())
    return base::fail(refused("is for somebody else"));
  const auto asked_by = text_of(claims, "azp");
  if (asked_by ? *asked_by != expected.client_id : audience.size() > 1)
    return base::fail(refused("was asked for by somebody else"));
  return {};
}

Result<> check_times(const json::object& claims, base::TimePoint now) {
  const auto expires = time_of(claims, "exp");
  const auto issued = time_of(claims, "iat");
  if (!expires || !issued) return base::fail(refused("does not say when it was made, and ends"));
  if (*expires + kClockSkew <= now) return base::fail(refused("has expired"));
  if (*issued > now + kClockSkew) return base::fail(refused("is of the future"));
  const auto not_before = time_of(claims, "nbf");
  if (claims.contains("nbf") && (!not_before || *not_before > now + kClockSkew))
    return base::fail(refused("does not hold yet"));
  return {};
}

}  // namespace

Result<Verified> check(const json::object& claims, const Expected& expected, base::TimePoint now) {
  if (text_of(claims, "iss") != expected.issuer) return base::fail(refused("is of another issuer"));
  PIPELINE_TRY(check_audience(claims, expected));
  PIPELINE_TRY(check_times(claims, now));
  if (expected.nonce.empty() ||
      !is_same_secret(text_of(claims, "nonce").value_or(""), expected.nonce))
    return base::fail(refused("belongs to another login"));
  const auto subject = text_of(claims, "sub");
  if (!subject || subject->empty() || subject->size() > kLongestSubject)
    return base::fail(refused("does not say whom it is about"));
  return Verified{.subject = *subject,
                  .name = text_of(claims, expected.name_claim),
                  .groups = texts_of(claims, expected.groups_claim)};
}

}  // namespace pipeline::identity
