#include "pipelines/toggle/fractional.h"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "pipelines/toggle/murmur3.h"
#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kMaxWeight = std::numeric_limits<std::int32_t>::max();

struct Share {
  json::value variant;
  std::uint64_t weight = 1;
};

std::optional<std::uint64_t> weight_of(const json::value& value) {
  if (value.is_null()) return 1;
  if (!value.is_number()) return std::nullopt;
  const double weight = to_number(value);
  if (weight <= 0) return 0;
  if (weight > static_cast<double>(kMaxWeight) || std::trunc(weight) != weight) return std::nullopt;
  return static_cast<std::uint64_t>(weight);
}

std::optional<Share> share_of(const json::value& value) {
  const auto* parts = value.if_array();
  if (parts == nullptr || parts->empty()) return std::nullopt;
  const auto& variant = parts->front();
  if (variant.is_array() || variant.is_object()) return std::nullopt;
  const auto weight = weight_of(argument(*parts, 1));
  if (!weight) return std::nullopt;
  return Share{variant, *weight};
}

std::optional<std::vector<Share>> shares_of(const json::array& arguments, std::size_t first) {
  std::vector<Share> shares;
  for (std::size_t i = first; i < arguments.size(); ++i) {
    auto share = share_of(arguments[i]);
    if (!share) return std::nullopt;
    shares.push_back(std::move(*share));
  }
  return shares;
}

std::optional<std::string> default_value(const json::object& context, std::string_view flag_key) {
  const auto* key = context.if_contains("targetingKey");
  if (key == nullptr || !key->is_string()) return std::nullopt;
  return std::string(flag_key) + std::string(key->get_string());
}

json::value pick(const std::vector<Share>& shares, std::string_view value, std::uint64_t total) {
  const std::uint64_t bucket = (std::uint64_t{murmur3_x86_32(value)} * total) >> 32U;
  std::uint64_t end = 0;
  for (const auto& share : shares) {
    end += share.weight;
    if (bucket < end) return share.variant;
  }
  return {};
}

}  // namespace

json::value fractional(const json::array& arguments, const json::object& context,
                       std::string_view flag_key) {
  const auto& first = argument(arguments, 0);
  // A value that was asked for but is missing arrives as null and falls back to the targeting key.
  const bool has_value = first.is_string() || (first.is_null() && !arguments.empty());
  const auto shares = shares_of(arguments, has_value ? 1 : 0);
  if (!shares) return {};
  std::uint64_t total = 0;
  for (const auto& share : *shares) total += share.weight;
  if (total == 0 || total > kMaxWeight) return {};
  if (shares->size() == 1) return shares->front().variant;  // nobody needs to be told apart

  const auto value =
      first.is_string() ? std::string(first.get_string()) : default_value(context, flag_key);
  return value ? pick(*shares, *value, total) : json::value();
}

}  // namespace pipeline::toggle
