#include "pipelines/plan/run_values.h"

#include "pipelines/plan/trust.h"

namespace pipeline::plan {

model::PlaceholderValue values_of(const Facts& facts) {
  return [&facts](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kParam = "param.";
    if (name == "branch") return facts.branch;
    if (name == "tag") return facts.tag;
    if (name == "commit") return facts.commit;
    if (name == "event") return facts.event;
    if (!name.starts_with(kParam)) return std::nullopt;
    const auto param = facts.params.find(std::string(name.substr(kParam.size())));
    if (param == facts.params.end()) return std::nullopt;
    return param->second;
  };
}

base::Result<std::string> concurrency_group(const model::Pipeline& pipeline, const Facts& facts) {
  if (!pipeline.concurrency) return std::string();
  PIPELINE_ASSIGN(std::string group,
                  model::fill_placeholders(pipeline.concurrency->group, values_of(facts)));
  return among_equals(std::move(group), facts);
}

}  // namespace pipeline::plan
