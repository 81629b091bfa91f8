#include "agents/link/remote/lease_file.h"

#include <boost/json.hpp>

#include "stages/host/file.h"

namespace pipeline::link {

namespace json = boost::json;
using base::ErrorKind;
using base::fail;
using base::Result;

Result<> write_lease(const std::filesystem::path& log_directory, const HeldLease& lease) {
  const json::object text{{"agent", lease.agent}, {"fence", lease.fence}};
  return host::write_file(log_directory / kLeaseName, json::serialize(text) + "\n",
                          host::Durability::cached);
}

Result<std::optional<HeldLease>> read_lease(const std::filesystem::path& log_directory) {
  const auto file = log_directory / kLeaseName;
  const auto text = host::read_file(file);
  if (!text && text.error().kind() == ErrorKind::not_found) return std::nullopt;
  if (!text) return fail(text.error());
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  const auto* const object = error ? nullptr : value.if_object();
  const auto* const agent = object == nullptr ? nullptr : object->if_contains("agent");
  const auto* const fence = object == nullptr ? nullptr : object->if_contains("fence");
  if (agent == nullptr || !agent->is_string() || fence == nullptr || !fence->is_int64())
    return fail(ErrorKind::corrupt, file.string() + " is no lease");
  return HeldLease{std::string(agent->as_string()), fence->to_number<Fence>()};
}

}  // namespace pipeline::link
