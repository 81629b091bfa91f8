#include "pipelines/toggle/flag_file.h"

#include <boost/json/parse.hpp>

#include "pipelines/toggle/expiry.h"
#include "pipelines/toggle/json_logic.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

using base::ErrorKind;
using base::fail;
using base::Result;

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxDepth = 100;

tl::unexpected<base::Error> invalid(std::string message) {
  return fail(ErrorKind::invalid, std::move(message));
}

Result<json::object> parse_object(std::string_view text) {
  if (text.size() > kMaxBytes) return invalid("the flag file is larger than 1 MiB");
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error) return invalid("the flag file is not valid JSON: " + error.message());
  if (!value.is_object()) return invalid("the flag file is not a JSON object");
  return std::move(value.get_object());
}

bool is_valid_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._-") == std::string_view::npos;
}

bool same_type(const json::value& left, const json::value& right) {
  return left.is_number() ? right.is_number() : left.kind() == right.kind();
}

// The member, null when it is absent or the JSON null, which flagd takes for the same.
const json::value* member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<FlagState> read_state(const json::object& object) {
  const auto* state = member(object, "state");
  if (state != nullptr && *state == "ENABLED") return FlagState::enabled;
  if (state != nullptr && *state == "DISABLED") return FlagState::disabled;
  return invalid(R"("state" is neither "ENABLED" nor "DISABLED")");
}

Result<> read_variants(const json::object& object, Flag& flag) {
  const auto* variants = member(object, "variants");
  if (variants == nullptr || !variants->is_object() || variants->get_object().empty()) {
    return invalid("\"variants\" is not an object with at least one variant");
  }
  for (const auto& variant : variants->get_object()) {
    const auto& value = variant.value();
    if (value.is_null() || value.is_array()) {
      return invalid("variant \"" + std::string(variant.key()) +
                     "\" is neither a boolean, a string, a number nor an object");
    }
    if (!same_type(variants->get_object().begin()->value(), value)) {
      return invalid("\"variants\" are of different types");
    }
    flag.variants.emplace(variant.key(), value);
  }
  return {};
}

Result<> read_default(const json::object& object, Flag& flag) {
  const auto* name = member(object, "defaultVariant");
  if (name == nullptr) return {};
  if (!name->is_string()) return invalid("\"defaultVariant\" is not a string");
  std::string variant(name->get_string());
  if (!flag.variants.contains(variant)) {
    return invalid("its default variant \"" + variant + "\" does not exist");
  }
  flag.default_variant = std::move(variant);
  return {};
}

Result<> read_targeting(const json::object& object, Flag& flag) {
  const auto* targeting = member(object, "targeting");
  if (targeting == nullptr) return {};
  if (!targeting->is_object()) return invalid("\"targeting\" is not an object");
  if (targeting->get_object().empty()) return {};
  if (targeting->get_object().size() > 1)
    return invalid("\"targeting\" has more than one operator");
  if (auto checked = check_rule(*targeting); !checked) {
    return base::during(std::move(checked), "read its targeting");
  }
  flag.targeting = *targeting;
  return {};
}

Result<json::object> read_metadata(const json::object& object) {
  const auto* metadata = member(object, "metadata");
  if (metadata == nullptr) return json::object();
  if (!metadata->is_object()) return invalid("\"metadata\" is not an object");
  return metadata->get_object();
}

Result<> read_lifetime(Flag& flag) {
  if (const auto* owner = member(flag.metadata, "owner")) {
    if (!owner->is_string()) return invalid("\"metadata.owner\" is not a string");
    flag.owner = std::string(owner->get_string());
  }
  if (const auto* expiry = member(flag.metadata, "expiry")) {
    if (!expiry->is_string()) return invalid("\"metadata.expiry\" is not a string");
    PIPELINE_ASSIGN(flag.expiry, parse_expiry(expiry->get_string()));
  }
  return {};
}

Result<Flag> read_flag(std::string_view key, const json::value& value,
                       const json::object& shared_metadata) {
  if (!is_valid_key(key)) return invalid("its key has characters outside A-Z a-z 0-9 . _ -");
  if (!value.is_object()) return invalid("it is not an object");
  const auto& object = value.get_object();
  Flag flag;
  flag.key = std::string(key);
  PIPELINE_ASSIGN(flag.state, read_state(object));
  PIPELINE_TRY(read_variants(object, flag));
  PIPELINE_TRY(read_default(object, flag));
  PIPELINE_TRY(read_targeting(object, flag));
  PIPELINE_ASSIGN(flag.metadata, read_metadata(object));
  for (const auto& entry : shared_metadata) flag.metadata.emplace(entry.key(), entry.value());
  PIPELINE_TRY(read_lifetime(flag));
  return flag;
}

Result<> read_evaluators(const json::object& file, FlagSet& set) {
  const auto* evaluators = member(file, "$evaluators");
  if (evaluators == nullptr) return {};
  if (!evaluators->is_object()) return invalid("\"$evaluators\" is not an object");
  for (const auto& entry : evaluators->get_object()) {
    if (auto checked = check_rule(entry.value()); !checked) {
      return base::during(std::move(checked), "read the evaluator " + std::string(entry.key()));
    }
    set.evaluators.emplace(entry.key(), entry.value());
  }
  return {};
}

}  // namespace

Result<FlagSet> read_flags(std::string_view text) {
  PIPELINE_ASSIGN(const json::object file, parse_object(text));
  const auto* flags = member(file, "flags");
  if (flags == nullptr || !flags->is_object()) {
    return invalid("the flag file has no object named \"flags\"");
  }
  FlagSet set;
  PIPELINE_TRY(read_evaluators(file, set));
  PIPELINE_ASSIGN(const json::object metadata, read_metadata(file));
  for (const auto& entry : flags->get_object()) {
    auto flag = read_flag(entry.key(), entry.value(), metadata);
    if (!flag) return base::during(std::move(flag), "read the flag " + std::string(entry.key()));
    set.flags.emplace(entry.key(), *std::move(flag));
  }
  return set;
}

}  // namespace pipeline::toggle
