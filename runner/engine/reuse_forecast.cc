#include "runner/engine/reuse_forecast.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::engine {

namespace {

using base::Result;

constexpr std::size_t kMostChanges = 4;

// What each job would hand on, as far as it can be told before the run.
struct Foreseen {
  bool known = false;  // it is reused, so its results are these
  std::optional<base::Digest> outputs;
  std::vector<run::ProducedArtifact> artifacts;
};

class Forecaster {
 public:
  Forecaster(store::RunStore& store, Workbench& workbench, const run::RunSpec& spec,
             const plan::Plan& plan)
      : store_(store),
        workbench_(workbench),
        spec_(spec),
        plan_(plan),
        foreseen_(plan.jobs.size()) {}

  Result<std::vector<std::optional<ReuseForecast>>> run() {
    std::vector<std::optional<ReuseForecast>> forecasts;
    for (std::size_t job = 0; job < plan_.jobs.size(); ++job) {
      PIPELINE_ASSIGN(auto forecast, look_at(job));
      forecasts.push_back(std::move(forecast));
    }
    return forecasts;
  }

 private:
  Result<std::optional<ReuseForecast>> look_at(std::size_t job) {
    const plan::Job& planned = plan_.jobs[job];
    const auto* work = std::get_if<model::CommandWork>(&plan_.stage_of(planned).work);
    if (planned.skip_reason || work == nullptr || work->inputs.empty()) return std::nullopt;
    const std::vector<std::string> rerun = needs_that_run(planned);
    PIPELINE_ASSIGN(const auto key,
                    workbench_.result_key(spec_, plan_, planned, foreseen_inputs(planned)));
    if (!key) return std::nullopt;
    ReuseForecast forecast;
    if (rerun.empty()) {
      PIPELINE_ASSIGN(auto found, store_.find_cached(key->digest));
      if (found && workbench_.is_available(*found)) {
        foreseen_[job] = {true, found->outputs, std::move(found->artifacts)};
        forecast.reused = true;
        forecast.run = found->from_run;
        return forecast;
      }
    }
    if (auto last = workbench_.recall(spec_, planned.name)) {
      forecast.run = last->run;
      forecast.changes = changes(std::move(last->manifest), key->manifest, rerun);
    }
    return forecast;
  }

  // Of what the job is given, the jobs whose results are not known yet.
  std::vector<std::string> needs_that_run(const plan::Job& job) const {
    std::vector<std::string> names;
    const auto look = [&](std::size_t other) {
      const std::string& name = plan_.jobs[other].name;
      if (!foreseen_[other].known && std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    };
    for (const std::size_t layer : job.layers) look(layer);
    for (const auto& [artifact, maker] : job.artifact_makers) look(maker);
    return names;
  }

  plan::ResultKeyInput foreseen_inputs(const plan::Job& job) const {
    plan::ResultKeyInput input;
    for (const std::size_t layer : job.layers) {
      if (foreseen_[layer].outputs) input.layers.push_back(*foreseen_[layer].outputs);
    }
    for (const auto& [name, maker] : job.artifact_makers) {
      const auto& made = foreseen_[maker].artifacts;
      const auto artifact = std::ranges::find(made, name, &run::ProducedArtifact::name);
      if (artifact != made.end()) input.artifacts.emplace(name, artifact->digest);
    }
    return input;
  }

  static std::vector<std::string> changes(plan::ResultManifest before, plan::ResultManifest now,
                                          const std::vector<std::string>& rerun) {
    std::vector<std::string> text;
    if (!rerun.empty()) {
      const auto is_unknown = [](const plan::ManifestLine& line) {
        return line.kind == plan::kLayerLine || line.kind == plan::kArtifactLine;
      };
      std::erase_if(before, is_unknown);
      std::erase_if(now, is_unknown);
      text.push_back(base::join(rerun, ", ") + (rerun.size() == 1 ? " runs" : " run") + " again");
    }
    const auto more = plan::differences(before, now, kMostChanges);
    text.insert(text.end(), more.begin(), more.end());
    return text;
  }

  store::RunStore& store_;
  Workbench& workbench_;
  const run::RunSpec& spec_;
  const plan::Plan& plan_;
  std::vector<Foreseen> foreseen_;
};

}  // namespace

Result<std::vector<std::optional<ReuseForecast>>> forecast_reuse(store::RunStore& store,
                                                                 Workbench& workbench,
                                                                 const run::RunSpec& spec,
                                                                 const plan::Plan& plan) {
  return Forecaster(store, workbench, spec, plan).run();
}

std::string describe(const ReuseForecast& forecast) {
  if (forecast.reused) return "the result of run " + std::to_string(forecast.run) + " is used";
  if (forecast.run == 0) return "there is no earlier success";
  if (forecast.changes.empty()) {
    return "the result of run " + std::to_string(forecast.run) + " is not kept any more";
  }
  return "since run " + std::to_string(forecast.run) + ": " + base::join(forecast.changes, "; ");
}

}  // namespace pipeline::engine
