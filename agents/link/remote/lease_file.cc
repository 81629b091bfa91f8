#include "agents/link/remote/lease_file.h"

#include <boost/json.hpp>

#include "stages/host/file.h"

namespace pipeline::link {

namespace json = boost::json;
using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

json::value text_of(const DeployedPlace& place) {
  json::object text{{"pipeline", place.pipeline}, {"environment", place.environment}};
  if (place.promote_from) text["promote_from"] = *place.promote_from;
  if (place.reads_only) text["reads_only"] = true;
  return text;
}

DeployedPlace place_in(const json::value& text) {
  DeployedPlace place{.pipeline = std::string(text.at("pipeline").as_string()),
                      .environment = std::string(text.at("environment").as_string())};
  if (const auto* const from = text.as_object().if_contains("promote_from"))
    place.promote_from = from->as_string();
  place.reads_only = text.as_object().contains("reads_only");
  return place;
}

HeldLease lease_in(const json::value& text) {
  HeldLease lease{.agent = std::string(text.at("agent").as_string()),
                  .fence = text.at("fence").to_number<Fence>()};
  if (const auto* const place = text.as_object().if_contains("deployment"))
    lease.place = place_in(*place);
  return lease;
}

}  // namespace

Result<> write_lease(const std::filesystem::path& log_directory, const HeldLease& lease) {
  json::object text{{"agent", lease.agent}, {"fence", lease.fence}};
  if (lease.place) text["deployment"] = text_of(*lease.place);
  return host::write_file(log_directory / kLeaseName, json::serialize(text) + "\n",
                          host::Durability::cached);
}

void remove_lease(const std::filesystem::path& log_directory) {
  std::error_code ignored;
  std::filesystem::remove(log_directory / kLeaseName, ignored);
}

Result<std::optional<HeldLease>> read_lease(const std::filesystem::path& log_directory) {
  const auto file = log_directory / kLeaseName;
  const auto text = host::read_file(file);
  if (!text && text.error().kind() == ErrorKind::not_found) return std::nullopt;
  if (!text) return fail(text.error());
  try {
    return lease_in(json::parse(*text));
  } catch (const std::exception&) {
    return fail(ErrorKind::corrupt, file.string() + " is no lease");
  }
}

}  // namespace pipeline::link
