#include "pipelines/config/scalars.h"

#include <array>
#include <cmath>
#include <utility>

#include "pipelines/base/duration.h"
#include "pipelines/base/glob.h"
#include "pipelines/base/size.h"
#include "pipelines/config/formats.h"

namespace pipeline::config {

namespace {

constexpr const char* kDurationExample = R"(a duration such as "10m" or "1h30m")";

boost::json::object pattern(std::string_view regex) {
  return {{"pattern", regex}};
}

template <class T>
Type<T> plain(std::string expects, boost::json::object schema,
              std::function<bool(const Node&, T&)> get) {
  auto read = [expects, get = std::move(get)](const Node& node, T& out, Problems& problems) {
    return get(node, out) || report_wrong_type(node, expects, problems);
  };
  return {std::move(expects), std::move(read), [schema](Definitions&) { return schema; }};
}

template <class T, class Alternative>
bool get_as(const Node& node, T& out) {
  const auto* value = std::get_if<Alternative>(&node.value);
  if (value != nullptr) out = *value;
  return value != nullptr;
}

base::Result<std::string> any_text(std::string_view text) {
  return std::string(text);
}

// A bare number where a unit belongs is the most common mistake: name the cure.
template <class T>
Type<T> with_units(Type<T> type, std::string_view units) {
  auto read = [inner = type.read, expects = type.expects, units = std::string(units)](
                  const Node& node, T& out, Problems& problems) {
    const auto* integer = std::get_if<std::int64_t>(&node.value);
    if (integer == nullptr) return inner(node, out, problems);
    problems.error(node.span, "a bare number has no unit: expected " + expects,
                   "write \"" + std::to_string(*integer) + units + '"');
    return false;
  };
  type.read = std::move(read);
  return type;
}

base::Result<base::Duration> parse_positive_duration(std::string_view text) {
  auto duration = base::parse_duration(text);
  if (duration && *duration <= base::Duration::zero()) {
    return base::fail(base::ErrorKind::invalid, "the duration must be longer than zero");
  }
  return duration;
}

}  // namespace

Type<std::string> text() {
  return from_text<std::string>("a string", any_text, {});
}

Type<std::string> non_empty_text() {
  return from_text<std::string>("a string", parse_non_empty, {{"minLength", 1}});
}

Type<bool> boolean() {
  return plain<bool>("true or false", {{"type", "boolean"}}, get_as<bool, bool>);
}

Type<std::uint32_t> count(std::uint32_t least, std::uint32_t most) {
  std::string expects = "a number from " + std::to_string(least) + " to " + std::to_string(most);
  auto read = [least, most, expects](const Node& node, std::uint32_t& out, Problems& problems) {
    const auto* value = std::get_if<std::int64_t>(&node.value);
    if (value == nullptr) return report_wrong_type(node, expects, problems);
    if (*value < least || *value > most) {
      problems.error(node.span, "expected " + expects + ", found " + std::to_string(*value));
      return false;
    }
    out = static_cast<std::uint32_t>(*value);
    return true;
  };
  boost::json::object schema{{"type", "integer"}, {"minimum", least}, {"maximum", most}};
  return {std::move(expects), std::move(read), [schema](Definitions&) { return schema; }};
}

Type<double> positive_number() {
  std::string expects = "a number above zero";
  auto read = [expects](const Node& node, double& out, Problems& problems) {
    if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
      out = static_cast<double>(*integer);
    } else if (!get_as<double, double>(node, out)) {
      return report_wrong_type(node, expects, problems);
    }
    if (std::isfinite(out) && out > 0) return true;
    problems.error(node.span, "expected " + expects);
    return false;
  };
  boost::json::object schema{{"type", "number"}, {"exclusiveMinimum", 0}};
  return {std::move(expects), std::move(read), [schema](Definitions&) { return schema; }};
}

Type<std::string> scalar_as_text() {
  return plain<std::string>("a string, an integer, true or false",
                            {{"type", boost::json::array{"string", "integer", "boolean"}}},
                            [](const Node& node, std::string& out) {
                              if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
                                out = std::to_string(*integer);
                              } else if (const auto* truth = std::get_if<bool>(&node.value)) {
                                out = *truth ? "true" : "false";
                              } else {
                                return get_as<std::string, std::string>(node, out);
                              }
                              return true;
                            });
}

Type<std::string> name() {
  return from_text<std::string>("a name", parse_name, pattern(kNamePattern));
}

Type<std::string> artifact_name() {
  return from_text<std::string>("a name", parse_artifact_name, pattern(kArtifactPattern));
}

Type<std::string> cache_key() {
  return from_text<std::string>("a key such as \"deps-{branch}\"", parse_cache_key,
                                {{"minLength", 1}, {"maxLength", 512}});
}

Type<std::string> run_key() {
  return from_text<std::string>("a key such as \"deploy-{branch}\"", parse_run_key,
                                {{"minLength", 1}, {"maxLength", 512}});
}

Type<std::string> matrix_value() {
  Type<std::string> type = scalar_as_text();
  auto read = [inner = type.read](const Node& node, std::string& out, Problems& problems) {
    if (!inner(node, out, problems)) return false;
    const auto parsed = parse_matrix_value(out);
    if (!parsed) problems.error(node.span, parsed.error().to_string(), parsed.error().hint());
    return parsed.has_value();
  };
  type.read = std::move(read);
  return type;
}

Type<std::string> need_name() {
  return from_text<std::string>("a stage's name", parse_need_name, pattern(kNeedPattern));
}

Type<std::string> variable() {
  return from_text<std::string>("a variable's name", parse_variable, pattern(kVariablePattern));
}

Type<std::string> env_variable() {
  return from_text<std::string>("a variable's name", parse_env_variable, pattern(kVariablePattern));
}

Type<std::string> tool() {
  return from_text<std::string>("a program such as \"g++\"", parse_tool, pattern(kToolPattern));
}

Type<std::string> approver() {
  return from_text<std::string>("a user, or a group such as \"group:release\"", parse_approver,
                                pattern(kApproverPattern));
}

Type<std::string> flag_key() {
  return from_text<std::string>("a toggle's key", parse_flag_key, pattern(kFlagKeyPattern));
}

Type<std::string> secret_name() {
  return from_text<std::string>("the name of a secret", parse_secret_name,
                                pattern(kVariablePattern));
}

Type<std::string> mail_address() {
  return from_text<std::string>("an address such as \"team@example.org\"", parse_mail_address,
                                pattern(kMailPattern));
}

Type<base::Duration> duration() {
  return with_units(
      from_text<base::Duration>(kDurationExample, base::parse_duration, pattern(kDurationPattern)),
      "s");
}

Type<base::Duration> positive_duration() {
  return with_units(from_text<base::Duration>(kDurationExample, parse_positive_duration,
                                              pattern(kDurationPattern)),
                    "s");
}

Type<std::uint64_t> size() {
  return with_units(from_text<std::uint64_t>("a size such as \"512MiB\"", parse_positive_size,
                                             pattern(kSizePattern)),
                    "MiB");
}

Type<std::string> glob() {
  return from_text<std::string>("a pattern such as \"release/*\"", parse_glob, {{"minLength", 1}});
}

Type<std::string> path_glob() {
  return from_text<std::string>("a pattern such as \"src/**\"", parse_path_glob,
                                {{"minLength", 1}});
}

Type<std::string> relative_path() {
  return from_text<std::string>("a path such as \"build/\"", parse_relative_path,
                                pattern("^[^/].*$"));
}

Type<std::string> absolute_path() {
  return from_text<std::string>("a path such as \"/opt/sdk\"", parse_absolute_path, pattern("^/"));
}

Type<std::string> http_path() {
  return from_text<std::string>("a path such as \"/healthz\"", parse_http_path, pattern("^/"));
}

Type<std::string> address() {
  return from_text<std::string>("an address such as \"127.0.0.1:8080\"", parse_address,
                                pattern(kAddressPattern));
}

Type<model::LoopbackEndpoint> loopback_port() {
  constexpr std::uint32_t kLastPort = 65535;
  const std::string expects = "a port such as 5432, or \"127.0.0.1:5432\"";
  const auto number = count(1, kLastPort);
  const auto spelled =
      from_text<model::LoopbackEndpoint>(expects, parse_loopback, pattern(kLoopbackPattern));
  auto read = [number, spelled](const Node& node, model::LoopbackEndpoint& out,
                                Problems& problems) {
    if (!std::holds_alternative<std::int64_t>(node.value)) return spelled.read(node, out, problems);
    std::uint32_t port = 0;
    if (!number.read(node, port, problems)) return false;
    out.port = static_cast<std::uint16_t>(port);
    return true;
  };
  auto schema = [number, spelled](Definitions& definitions) {
    return boost::json::object{
        {"anyOf", {number.schema(definitions), spelled.schema(definitions)}}};
  };
  return {expects, std::move(read), std::move(schema)};
}

Type<model::LoopbackEndpoint> loopback_url() {
  return from_text<model::LoopbackEndpoint>("a URL such as \"http://127.0.0.1:8080/health\"",
                                            parse_loopback_url, pattern(kLoopbackUrlPattern));
}

}  // namespace pipeline::config
