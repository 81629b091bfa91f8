#include "runner/engine/reports.h"

#include "tests/support/property.h"

namespace pipeline::engine {
namespace {

std::vector<run::Event> in_order(std::vector<run::EventBody> bodies) {
  std::vector<run::Event> events;
  events.reserve(bodies.size());
  for (auto& body : bodies) events.push_back({events.size() + 1, {}, std::move(body)});
  return events;
}

std::vector<run::Event> reports_of_two_commands() {
  return in_order({run::JobLeased{"a", 1, "local"}, run::JobWaiting{"a", 1, "waiting for lock db"},
                   run::JobStarted{"a", 1}, run::CommandStarted{"a", 1, 0, "make"},
                   run::CommandFinished{"a", 1, 0, 0}, run::CommandStarted{"a", 1, 1, "make test"},
                   run::CommandFinished{"a", 1, 1, 0}, run::JobFinishing{"a", 1},
                   run::JobFinished{"a", 1, run::JobStatus::succeeded, ""}});
}

std::vector<run::Event> history_of(std::vector<run::EventBody> bodies) {
  bodies.insert(bodies.begin(), {run::RunCreated{}, run::JobQueued{"a", 1}});
  return in_order(std::move(bodies));
}

TEST(Unrecorded, IsAllOfWhatNobodyHeard) {
  EXPECT_EQ(unrecorded(reports_of_two_commands(), history_of({}), {"a", 1}).size(), 9U);
}

TEST(Unrecorded, IsNotMistakenForAnotherAttemptOrJob) {
  const auto history = history_of({run::JobLeased{"a", 2, "local"}, run::JobStarted{"b", 1},
                                   run::JobStopRequested{"a", 1, run::JobStatus::cancelled, ""}});
  EXPECT_EQ(unrecorded(reports_of_two_commands(), history, {"a", 1}).size(), 9U);
}

TEST(Unrecorded, DoesNotMindOtherMasks) {
  const auto history =
      history_of({run::JobLeased{"a", 1, "local"}, run::CommandStarted{"a", 1, 0, "*** --all"}});
  const auto rest = unrecorded(reports_of_two_commands(), history, {"a", 1});
  ASSERT_EQ(rest.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<run::CommandFinished>(rest.front().body));
}

RC_GTEST_PROP(UnrecordedProperty, IsTheRestWhereverTheOldCoordinatorDied, ()) {
  auto reports = reports_of_two_commands();
  const auto known = *rc::gen::inRange<std::size_t>(0, reports.size() + 1);
  const auto middle = reports.begin() + static_cast<std::ptrdiff_t>(known);
  std::vector<run::EventBody> heard;
  for (auto report = reports.begin(); report != middle; ++report) heard.push_back(report->body);
  const auto history = history_of(heard);
  const auto rest = unrecorded(reports, history, {"a", 1});
  RC_ASSERT(rest.size() == reports.size() - known);
  if (!rest.empty()) RC_ASSERT(run::kind_of(rest.front().body) == run::kind_of(middle->body));
}

}  // namespace
}  // namespace pipeline::engine
