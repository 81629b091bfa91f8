#include "runner/toggles/toggle_view.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"

namespace pipeline::toggles {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kByRules = "by its rules";
constexpr std::string_view kPrograms = "the program's default";

ToggleView view_of(const toggle::Flag& flag, base::TimePoint now) {
  ToggleView view{.key = flag.key, .value = value_of(flag), .owner = flag.owner};
  if (const auto* expiry = flag.metadata.if_contains("expiry"); expiry && expiry->is_string())
    view.expiry = expiry->get_string();
  view.is_stale = flag.expiry && *flag.expiry <= now;
  for (const auto& [name, value] : flag.variants) view.variants.push_back(name);
  return view;
}

Result<toggle::Setting> setting_in(const json::value& value) {
  toggle::Setting setting{.value = std::string(value.at("value").as_string()),
                          .by = std::string(value.at("by").as_string())};
  PIPELINE_ASSIGN(setting.at, base::parse_timestamp(value.at("at").as_string()));
  return setting;
}

Result<ToggleView> view_in(const json::value& value) {
  ToggleView view{.key = std::string(value.at("key").as_string()),
                  .value = std::string(value.at("value").as_string()),
                  .is_in_file = value.at("in_file").as_bool(),
                  .owner = std::string(value.at("owner").as_string()),
                  .expiry = std::string(value.at("expiry").as_string()),
                  .is_stale = value.at("stale").as_bool()};
  if (const auto* setting = value.as_object().if_contains("setting")) {
    PIPELINE_ASSIGN(view.setting, setting_in(*setting));
  }
  for (const json::value& name : value.at("variants").as_array())
    view.variants.emplace_back(name.as_string());
  return view;
}

base::Error nothing_of_ours(const char* what, const std::exception& error) {
  return {ErrorKind::corrupt, "this is no " + std::string(what) + ": " + error.what()};
}

}  // namespace

std::string value_of(const toggle::Flag& flag) {
  if (flag.state == toggle::FlagState::disabled) return std::string(kPrograms);
  if (flag.targeting) return std::string(kByRules);
  return flag.default_variant.value_or(std::string(kPrograms));
}

EnvironmentToggles view_of(const FlagsInService& flags, base::TimePoint now) {
  EnvironmentToggles toggles{.key = flags.key, .release = flags.release, .path = flags.path};
  if (!flags.file) toggles.problem = flags.file.error().to_string();
  for (const auto& [key, flag] : flags.served.flags) {
    toggles.toggles.push_back(view_of(flag, now));
    if (const auto set = flags.settings.find(key); set != flags.settings.end())
      toggles.toggles.back().setting = set->second;
  }
  // What is set and not there is said, too: the next release may have it.
  for (const auto& [key, setting] : flags.settings) {
    if (flags.served.find(key) != nullptr) continue;
    toggles.toggles.push_back({.key = key, .setting = setting, .is_in_file = false});
  }
  return toggles;
}

json::object json_of(const ToggleView& view) {
  json::object object{{"key", view.key},
                      {"value", view.value},
                      {"in_file", view.is_in_file},
                      {"owner", view.owner},
                      {"expiry", view.expiry},
                      {"stale", view.is_stale},
                      {"variants", json::array(view.variants.begin(), view.variants.end())}};
  if (view.setting) object["setting"] = json_of(*view.setting);
  return object;
}

json::object json_of(const EnvironmentToggles& toggles) {
  json::array list;
  for (const ToggleView& view : toggles.toggles) list.push_back(json_of(view));
  json::object object{{"pipeline", toggles.key.pipeline},
                      {"environment", toggles.key.environment},
                      {"release", toggles.release},
                      {"file", toggles.path},
                      {"toggles", std::move(list)}};
  if (!toggles.problem.empty()) object["problem"] = toggles.problem;
  return object;
}

json::object json_of(const toggle::Setting& setting) {
  return {{"value", setting.value}, {"by", setting.by}, {"at", base::format_timestamp(setting.at)}};
}

json::object json_of(const store::ToggleChange& change) {
  json::object object{
      {"flag", change.flag}, {"by", change.by}, {"at", base::format_timestamp(change.at)}};
  if (change.value) object["value"] = *change.value;
  return object;
}

Result<EnvironmentToggles> environment_toggles_from_json(const json::value& value) try {
  EnvironmentToggles toggles;
  toggles.key.pipeline = value.at("pipeline").as_string();
  toggles.key.environment = value.at("environment").as_string();
  toggles.release = value.at("release").to_number<std::uint64_t>();
  toggles.path = value.at("file").as_string();
  if (const auto* problem = value.as_object().if_contains("problem"))
    toggles.problem = problem->as_string();
  for (const json::value& one : value.at("toggles").as_array()) {
    PIPELINE_ASSIGN(ToggleView view, view_in(one));
    toggles.toggles.push_back(std::move(view));
  }
  return toggles;
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("list of toggles", error));
}

Result<store::ToggleChange> change_from_json(const json::value& value) try {
  store::ToggleChange change{.flag = std::string(value.at("flag").as_string()),
                             .by = std::string(value.at("by").as_string())};
  PIPELINE_ASSIGN(change.at, base::parse_timestamp(value.at("at").as_string()));
  if (const auto* to = value.as_object().if_contains("value")) change.value = to->as_string();
  return change;
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("change of a toggle", error));
}

Result<toggle::Setting> setting_from_json(const json::value& value) try {
  return setting_in(value);
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("setting of a toggle", error));
}

}  // namespace pipeline::toggles
