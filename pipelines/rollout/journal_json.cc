#include "pipelines/rollout/journal_json.h"

#include "pipelines/rollout/environment_codec.h"
#include "pipelines/rollout/json_codec.h"

namespace pipeline::rollout {
BOOST_DESCRIBE_ENUM(EndpointState, ready, draining)
BOOST_DESCRIBE_ENUM(GateTime, before_traffic, after_promotion)
BOOST_DESCRIBE_ENUM(DeploymentKind, deploy, rollback)
BOOST_DESCRIBE_ENUM(Direction, forward, back, cleaning, repair)
BOOST_DESCRIBE_ENUM(Blame, nobody, release)
BOOST_DESCRIBE_ENUM(State, locked, preflight, approved, prepared, validated, shifting, baking,
                    promoted, retaining, cleaned, rolling_back, rolled_back, frozen)
BOOST_DESCRIBE_STRUCT(Endpoint, (), (instance, host, port, state))
BOOST_DESCRIBE_STRUCT(Traffic, (), (blue, green, preview, green_percent))
BOOST_DESCRIBE_STRUCT(Instance, (), (name, release, host, port))
BOOST_DESCRIBE_STRUCT(Release, (),
                      (number, artifact, digest, environment, repository, tree, run, fleet,
                       machine))
BOOST_DESCRIBE_STRUCT(EnsureSwitch, (), ())
BOOST_DESCRIBE_STRUCT(Install, (), (release))
BOOST_DESCRIBE_STRUCT(StartInstances, (), (instances))
BOOST_DESCRIBE_STRUCT(AwaitHealthy, (), (instances))
BOOST_DESCRIBE_STRUCT(AssignTraffic, (), (traffic))
BOOST_DESCRIBE_STRUCT(AskGates, (), (when))
BOOST_DESCRIBE_STRUCT(Bake, (), (duration, instances))
BOOST_DESCRIBE_STRUCT(Drain, (), (instances))
BOOST_DESCRIBE_STRUCT(StopInstances, (), (instances))
BOOST_DESCRIBE_STRUCT(RemoveRelease, (), (release))
BOOST_DESCRIBE_STRUCT(ShutDownSwitch, (), ())
BOOST_DESCRIBE_STRUCT(Enter, (), (state, batch))
BOOST_DESCRIBE_STRUCT(Deployment, (),
                      (kind, release, old_release, old_previous, before, state, batch, reason, hint,
                       blame, since, direction, steps, done, by))
BOOST_DESCRIBE_STRUCT(EnvironmentRecord, (),
                      (repository, last_release, releases, current, previous, previous_is_warm,
                       traffic, bad, passed, deployment))
BOOST_DESCRIBE_STRUCT(Checkpoint, (), (record))
BOOST_DESCRIBE_STRUCT(Opened, (), (kind, release, before, by))
BOOST_DESCRIBE_STRUCT(Planned, (), (direction, steps))
BOOST_DESCRIBE_STRUCT(Intent, (), (step))
BOOST_DESCRIBE_STRUCT(Outcome, (), (step, ok, detail))
BOOST_DESCRIBE_STRUCT(Entered, (), (state, batch, reason, blame, hint))
BOOST_DESCRIBE_STRUCT(ShutDown, (), ())

namespace codec {

template <>
struct Tagged<Step> : std::true_type {
  static constexpr std::string_view kKey = "do";
  static constexpr std::array<std::string_view, std::variant_size_v<Step>> kNames = {
      "ensure-switch", "install", "start", "await-healthy",  "assign-traffic",   "ask-gates",
      "bake",          "drain",   "stop",  "remove-release", "shut-down-switch", "enter"};
};
template <>
struct Tagged<EntryBody> : std::true_type {
  static constexpr std::string_view kKey = "entry";
  static constexpr std::array<std::string_view, std::variant_size_v<EntryBody>> kNames = {
      "checkpoint", "opened", "planned", "intent", "outcome", "entered", "shut-down"};
};

}  // namespace codec

std::string to_json(const Entry& entry) {
  boost::json::value value = codec::encode(entry.body);
  value.as_object()["at"] = codec::encode(entry.at);
  return boost::json::serialize(value);
}

base::Result<Entry> entry_from_json(std::string_view text) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  Entry entry;
  const boost::json::value* at =
      !error && value.is_object() ? value.get_object().if_contains("at") : nullptr;
  if (at == nullptr || !codec::decode(*at, entry.at) || !codec::decode(value, entry.body)) {
    return base::fail(base::ErrorKind::corrupt, "a stored deployment step cannot be read: " +
                                                    std::string(text.substr(0, 80)));
  }
  return entry;
}

bool same_definition(const model::Environment& one, const model::Environment& other) {
  return codec::encode(one) == codec::encode(other);
}

}  // namespace pipeline::rollout
