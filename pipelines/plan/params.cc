#include "pipelines/plan/params.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "pipelines/base/text.h"

namespace pipeline::plan {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using model::Param;
using model::ParamType;

bool is_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end;
}

std::string usage(const Param& param) {
  std::string values = "VALUE";
  if (!param.choices.empty()) values = base::join(param.choices, "|");
  if (param.type == ParamType::boolean && param.choices.empty()) values = "true|false";
  return "write --param " + param.name + "=" + values;
}

Result<> check_value(const Param& param, const std::string& value) {
  const auto wrong = [&](const std::string& cause) {
    return base::fail(Error(ErrorKind::invalid, "parameter " + param.name + ": \"" +
                                                    base::printable(value) + "\" " + cause)
                          .hint(usage(param)));
  };
  if (param.type == ParamType::integer && !is_integer(value)) return wrong("is no integer");
  if (param.type == ParamType::boolean && value != "true" && value != "false") {
    return wrong("is neither true nor false");
  }
  if (!param.choices.empty() && std::ranges::find(param.choices, value) == param.choices.end()) {
    return wrong("is no choice");
  }
  return {};
}

Error unknown(const std::string& name, const std::vector<Param>& declared) {
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const Param& param : declared) names.push_back(param.name);
  Error error(ErrorKind::invalid,
              "the pipeline has no parameter \"" + base::printable(name) + "\"");
  if (const auto near = base::nearest(name, names)) {
    return std::move(error).hint("did you mean \"" + *near + "\"?");
  }
  return std::move(error).hint(names.empty() ? "it takes no parameters"
                                             : "it has " + base::join(names, ", "));
}

}  // namespace

Result<std::map<std::string, std::string>> resolve_params(
    const std::vector<Param>& declared, std::map<std::string, std::string> given) {
  for (const auto& [name, value] : given) {
    const auto param = std::ranges::find(declared, name, &Param::name);
    if (param == declared.end()) return base::fail(unknown(name, declared));
    PIPELINE_TRY(check_value(*param, value));
  }
  for (const Param& param : declared) {
    if (given.contains(param.name)) continue;
    if (!param.default_value) {
      return base::fail(
          Error(ErrorKind::invalid, "parameter " + param.name + " has no default and was not given")
              .hint(usage(param)));
    }
    given.emplace(param.name, *param.default_value);
  }
  return given;
}

}  // namespace pipeline::plan
