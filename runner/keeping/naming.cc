#include "runner/keeping/naming.h"

namespace pipeline::keeping {

namespace {

void add_made(Named& named, const std::optional<base::Digest>& outputs,
              const std::vector<run::ProducedArtifact>& artifacts) {
  if (outputs) named.digests.insert(*outputs);
  for (const run::ProducedArtifact& artifact : artifacts) named.digests.insert(artifact.digest);
}

}  // namespace

void Named::add(const std::vector<run::Event>& events) {
  for (const run::Event& event : events) {
    if (const auto* finished = std::get_if<run::JobFinished>(&event.body)) {
      add_made(*this, finished->outputs, finished->artifacts);
    } else if (const auto* cached = std::get_if<run::JobCached>(&event.body)) {
      add_made(*this, cached->outputs, cached->artifacts);
      runs.insert(cached->from_run);
    } else if (const auto* child = std::get_if<run::ChildRunStarted>(&event.body)) {
      runs.insert(child->run);
    }
  }
}

void Named::add(const store::CachedResult& result) {
  add_made(*this, result.outputs, result.artifacts);
}

void Named::add(const rollout::EnvironmentRecord& environment) {
  for (const rollout::Release& release : environment.releases) {
    digests.insert(release.digest);
    if (release.run != 0) runs.insert(release.run);
  }
}

}  // namespace pipeline::keeping
