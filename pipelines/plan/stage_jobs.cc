#include "pipelines/plan/stage_jobs.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "pipelines/model/placeholder.h"
#include "pipelines/plan/run_values.h"

namespace pipeline::plan {

namespace {

using base::Result;
using model::CommandWork;
using model::MatrixCell;
using model::Stage;

Result<> fill_names(CommandWork& work, const MatrixCell& cell) {
  const model::PlaceholderValue values = model::values_of(cell);
  for (model::ArtifactSpec& artifact : work.artifacts) {
    PIPELINE_ASSIGN(artifact.name, model::fill_placeholders(artifact.name, values));
  }
  for (std::string& use : work.uses) {
    PIPELINE_ASSIGN(use, model::fill_placeholders(use, values));
  }
  return {};
}

std::string in_brackets(const StageJob& job) {
  if (job.cell.empty() && !job.part) return "";
  std::string text = model::to_string(job.cell);
  if (job.part) {
    if (!text.empty()) text += ',';
    text += "split=" + std::to_string(job.part->index) + '/' + std::to_string(job.part->total);
  }
  return '[' + text + ']';
}

bool has_placeholder(const model::CacheSpec& cache) {
  const auto in = [](const std::string& key) { return key.find('{') != std::string::npos; };
  return in(cache.key) || std::ranges::any_of(cache.fallback, in);
}

model::PlaceholderValue values_of_run(const Facts& facts, const MatrixCell& cell) {
  return [of_run = values_of(facts),
          of_cell = model::values_of(cell)](std::string_view name) -> std::optional<std::string> {
    if (model::files_placeholder(name)) return '{' + std::string(name) + '}';
    if (auto value = of_run(name)) return value;
    return of_cell(name);
  };
}

}  // namespace

Result<std::shared_ptr<const Stage>> with_cache_keys(const Stage& stage, const Facts& facts,
                                                     const MatrixCell& cell) {
  const auto* work = std::get_if<CommandWork>(&stage.work);
  if (work == nullptr || std::ranges::none_of(work->caches, has_placeholder)) return nullptr;
  Stage own = stage;
  const model::PlaceholderValue values = values_of_run(facts, cell);
  for (model::CacheSpec& cache : std::get<CommandWork>(own.work).caches) {
    PIPELINE_ASSIGN(cache.key, model::fill_placeholders(cache.key, values));
    for (std::string& key : cache.fallback) {
      PIPELINE_ASSIGN(key, model::fill_placeholders(key, values));
    }
  }
  return std::make_shared<const Stage>(std::move(own));
}

Result<std::vector<StageJob>> jobs_of(const Stage& stage) {
  std::vector<StageJob> jobs;
  const auto* work = std::get_if<CommandWork>(&stage.work);
  if (work == nullptr) {
    jobs.push_back({.name = stage.name, .cell = {}, .part = {}, .stage = nullptr});
    return jobs;
  }
  std::vector<MatrixCell> cells = model::cells_of(work->matrix);
  if (work->matrix.empty()) cells.assign(1, {});
  for (MatrixCell& cell : cells) {
    StageJob job;
    if (!cell.empty()) {
      Stage own = stage;
      PIPELINE_TRY(fill_names(std::get<CommandWork>(own.work), cell));
      job.stage = std::make_shared<const Stage>(std::move(own));
    }
    job.cell = std::move(cell);
    const std::uint32_t total = work->split ? work->split->total : 1;
    for (std::uint32_t index = 1; index <= total; ++index) {
      if (work->split) job.part = model::SplitPart{index, total};
      job.name = stage.name + in_brackets(job);
      jobs.push_back(job);
    }
  }
  return jobs;
}

}  // namespace pipeline::plan
