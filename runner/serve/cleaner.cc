#include "runner/serve/cleaner.h"

#include <algorithm>

#include "pipelines/base/size.h"
#include "runner/keeping/garbage.h"

namespace pipeline::serve {

namespace {

using base::Result;

// Nothing is due; whoever changes the settings wakes us.
constexpr base::Duration kLong = std::chrono::hours(24 * 365);
// Somebody else may be cleaning, or backing up.
constexpr base::Duration kLater = std::chrono::minutes(10);

}  // namespace

base::TimePoint Cleaner::clean() {
  const base::TimePoint now = services_->clock().now();
  const auto retention = retention_();
  if (!retention) return now + kLong;
  const auto removed = remove_by(retention->policy);
  if (removed || removed.error().kind() == base::ErrorKind::cancelled)
    return now + retention->every;
  tell_("old runs were not removed: " + removed.error().to_string());
  return now + std::min(retention->every, kLater);
}

Result<> Cleaner::remove_by(const retention::Policy& policy) {
  PIPELINE_ASSIGN(store::RunStore* const runs, services_->runs());
  PIPELINE_ASSIGN(deploy::Journal* const journal, services_->journal());
  const auto database = services_->make_database_keeper(paths_);
  PIPELINE_ASSIGN(const keeping::Garbage garbage,
                  keeping::remove_garbage({paths_, *runs, *database, *journal}, policy,
                                          services_->clock().now(), stop_.get_token()));
  if (garbage.runs.empty() && garbage.artifacts == 0 && garbage.outputs == 0) return {};
  tell_("removed " + std::to_string(garbage.runs.size()) + " old runs, which freed " +
        base::format_size(garbage.bytes));
  return {};
}

}  // namespace pipeline::serve
