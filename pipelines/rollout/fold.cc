// The fold over journal entries: what each of them means for the record.
#include <algorithm>

#include "pipelines/rollout/journal_entry.h"

namespace pipeline::rollout {

namespace {

// Digests remembered per environment; the oldest are forgotten first.
constexpr std::size_t kRemembered = 500;

void remember(std::vector<base::Digest>& digests, const base::Digest& digest) {
  std::erase(digests, digest);
  digests.push_back(digest);
  if (digests.size() > kRemembered) digests.erase(digests.begin());
}

bool in_switch(const Traffic& traffic, const Fleet& fleet) {
  const auto ours = [&](const Endpoint& endpoint) { return contains(fleet, endpoint.instance); };
  return std::ranges::any_of(traffic.blue, ours) || std::ranges::any_of(traffic.green, ours);
}

base::Result<> broken(const std::string& what) {
  return base::fail(base::ErrorKind::corrupt, "the deployment journal is inconsistent: " + what);
}

class Fold {
 public:
  Fold(EnvironmentRecord& record, base::TimePoint at) : record_(record), at_(at) {}

  base::Result<> operator()(const Checkpoint& entry) {
    record_ = entry.record;
    return {};
  }

  base::Result<> operator()(const Opened& entry) {
    if (is_unfinished(record_)) return broken("a deployment begins before the last one ended");
    const auto at = std::ranges::find(record_.releases, entry.release.number, &Release::number);
    if (at != record_.releases.end()) {
      *at = entry.release;
    } else {
      record_.releases.push_back(entry.release);
      std::ranges::sort(record_.releases, {}, &Release::number);
    }
    record_.last_release = std::max(record_.last_release, entry.release.number);
    record_.previous_is_warm = false;
    if (entry.kind == DeploymentKind::deploy) record_.repository = entry.release.repository;
    record_.deployment = Deployment{.kind = entry.kind,
                                    .release = entry.release.number,
                                    .old_release = record_.current,
                                    .old_previous = record_.previous,
                                    .before = entry.before,
                                    .since = at_,
                                    .by = entry.by};
    return {};
  }

  base::Result<> operator()(const Planned& entry) {
    if (!record_.deployment) return broken("a plan without a deployment");
    record_.deployment->direction = entry.direction;
    record_.deployment->steps = entry.steps;
    record_.deployment->done = 0;
    return {};
  }

  base::Result<> operator()(const Intent& entry) const {
    if (step(entry.step) == nullptr) return broken("it names a step that no plan has");
    return {};
  }

  base::Result<> operator()(const Outcome& entry) {
    const Step* done = step(entry.step);
    if (done == nullptr) return broken("it names a step that no plan has");
    if (!entry.ok) return {};
    record_.deployment->done = entry.step + 1;
    if (const auto* assigned = std::get_if<AssignTraffic>(done)) {
      record_.traffic = assigned->traffic;
    } else if (const auto* removed = std::get_if<RemoveRelease>(done)) {
      std::erase_if(record_.releases, [removed](const Release& release) {
        return release.number == removed->release;
      });
    }
    return {};
  }

  base::Result<> operator()(const Entered& entry) {
    if (!record_.deployment || !may_follow(record_.deployment->state, entry.state)) {
      return broken(std::string(to_string(entry.state)) + " does not follow");
    }
    Deployment& deployment = *record_.deployment;
    deployment.state = entry.state;
    deployment.batch = entry.batch;
    deployment.since = at_;
    if (!entry.reason.empty()) {
      deployment.reason = entry.reason;
      deployment.hint = entry.hint;
    }
    if (entry.blame == Blame::release) blame(deployment);
    settle(deployment);
    return {};
  }

  base::Result<> operator()(const ShutDown&) {
    record_.repository.clear();  // whoever comes next may have it
    record_.current = 0;
    record_.previous = 0;
    record_.previous_is_warm = false;
    record_.traffic = {};
    record_.deployment.reset();
    return {};
  }

 private:
  const Step* step(std::uint32_t index) const {
    if (!record_.deployment || index >= record_.deployment->steps.size()) return nullptr;
    return &record_.deployment->steps[index];
  }

  void settle(const Deployment& deployment) {
    if (deployment.state == State::promoted) promote(deployment);
    if (deployment.state == State::retaining) retain(deployment);
    if (deployment.state == State::cleaned) record_.previous_is_warm = false;
    if (deployment.state == State::rolled_back) restore(deployment);
  }

  void promote(const Deployment& deployment) {
    record_.previous = deployment.old_release;
    record_.current = deployment.release;
    if (deployment.kind != DeploymentKind::rollback) return;
    // Whoever goes back to a release trusts it, and does not trust the later one.
    const Release* from = record_.find(deployment.old_release);
    const Release* to = record_.find(deployment.release);
    if (from != nullptr && from->number > deployment.release) distrust(from->digest);
    if (to != nullptr) std::erase(record_.bad, to->digest);
  }

  void retain(const Deployment& deployment) {
    record_.previous_is_warm = in_switch(record_.traffic, record_.fleet_of(record_.previous));
    const Release* release = record_.find(deployment.release);
    if (deployment.kind != DeploymentKind::deploy || release == nullptr) return;
    remember(record_.passed, release->digest);
    std::erase(record_.bad, release->digest);
  }

  void restore(const Deployment& deployment) {
    record_.current = deployment.old_release;
    record_.previous = deployment.old_previous;
    record_.previous_is_warm = false;
  }

  // Bad from this moment, whatever becomes of the way back.
  void blame(Deployment& deployment) {
    deployment.blame = Blame::release;
    if (const Release* release = record_.find(deployment.release)) distrust(release->digest);
  }

  // Whatever it passed before: the last word counts.
  void distrust(base::Digest digest) {
    remember(record_.bad, digest);
    std::erase(record_.passed, digest);
  }

  EnvironmentRecord& record_;
  base::TimePoint at_;
};

}  // namespace

base::Result<> apply(EnvironmentRecord& record, const Entry& entry) {
  return std::visit(Fold(record, entry.at), entry.body);
}

base::Result<EnvironmentRecord> fold(const std::vector<Entry>& entries) {
  EnvironmentRecord record;
  for (const Entry& entry : entries) PIPELINE_TRY(apply(record, entry));
  return record;
}

}  // namespace pipeline::rollout
