#include "agents/protocol/job_order_json.h"

#include "agents/protocol/job_order_codec.h"

namespace pipeline::protocol {

namespace {

namespace json = boost::json;
namespace codec = rollout::codec;

// Whoever adds a field is stopped here until the descriptions above know it, or do without it.
[[maybe_unused]] void every_field_is_known(const JobOrder& order, const CommandOrder& command,
                                           const model::ServiceSpec& service,
                                           const model::SandboxSpec& sandbox) {
  [[maybe_unused]] const auto& [o1, o2, o3, o4, o5, o6, o7, o8, o9, o10, o11, o12, o13, o14] =
      order;
  [[maybe_unused]] const auto& [c1, c2, c3, c4, c5, c6] = command;
  [[maybe_unused]] const auto& [w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15,
                                w16, w17] = command.work;
  [[maybe_unused]] const auto& [s1, s2, s3, s4, s5, s6] = service;
  [[maybe_unused]] const auto& [b1, b2, b3, b4, b5, b6, b7] = sandbox;
}

}  // namespace

std::string to_json(const JobOrder& order) {
  return json::serialize(codec::encode(order));
}

base::Result<JobOrder> job_order_from_json(std::string_view line) {
  // A secret may be any bytes.
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  json::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error, {}, options);
  JobOrder order;
  // Nothing of the line is shown: it may hold secrets.
  if (error || !codec::decode(value, order)) {
    return base::fail(base::ErrorKind::corrupt, "this is no job's order");
  }
  return order;
}

}  // namespace pipeline::protocol
