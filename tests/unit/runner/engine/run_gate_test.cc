// A run of a concurrency group: what the engine does until its turn comes, and how the loop asks.
#include "runner/engine/run_gate.h"

#include "runner/engine/loop.h"
#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using support::make_test_plan;
using testing::ElementsAre;
using testing::IsEmpty;

class GroupTest : public EngineTest {
 protected:
  GroupTest() { spec_.concurrency_group = "deploy-main"; }
};

TEST_F(GroupTest, NothingStartsBeforeItsTurn) {
  begin(make_test_plan({{"a"}}));
  EXPECT_TRUE(engine_->waits_for_group());
  EXPECT_THAT(link_.started(), IsEmpty());
  EXPECT_EQ(status("a"), JobStatus::waiting);
  must(engine_->wait("waiting for run 7"));
  EXPECT_EQ(engine_->state().reason, "waiting for run 7");
  EXPECT_EQ(store_->list({.limit = 1})->front().reason, "waiting for run 7");
  EXPECT_FALSE(engine_->deadline());
  must(engine_->begin());
  EXPECT_FALSE(engine_->waits_for_group());
  EXPECT_THAT(link_.started(), ElementsAre("a"));
  EXPECT_EQ(engine_->state().reason, "");
  EXPECT_EQ(store_->list({.limit = 1})->front().reason, "");
}

TEST_F(GroupTest, SaysTheSameOnce) {
  begin(make_test_plan({{"a"}}));
  must(engine_->wait("waiting for run 7"));
  const std::size_t before = stored();
  must(engine_->wait("waiting for run 7"));
  EXPECT_EQ(stored(), before);
  must(engine_->wait("waiting for run 8"));
  EXPECT_EQ(stored(), before + 1);
}

TEST_F(GroupTest, CanBeCancelledWhileItWaits) {
  begin(make_test_plan({{"a"}, {"b", {"a"}}}));
  must(engine_->wait("waiting for run 7"));
  must(engine_->cancel("superseded by run 9"));
  EXPECT_TRUE(engine_->finished());
  EXPECT_EQ(engine_->state().status, RunStatus::cancelled);
  EXPECT_EQ(engine_->state().reason, "superseded by run 9");
  EXPECT_THAT(link_.started(), IsEmpty());
}

TEST_F(GroupTest, WaitsAgainWhenItIsOpenedAgain) {
  begin(make_test_plan({{"a"}}));
  must(engine_->begin());
  must(reopen());
  EXPECT_TRUE(engine_->waits_for_group());
  EXPECT_EQ(status("a"), JobStatus::waiting);
  must(engine_->begin());
  EXPECT_EQ(status("a"), JobStatus::queued);
}

// Answers in turn.
class ScriptedGate final : public RunGate {
 public:
  explicit ScriptedGate(std::vector<Look> looks) : looks_(std::move(looks)) {}
  base::Result<Look> look() override {
    EXPECT_LT(next, looks_.size()) << "an open gate is not looked at";
    return looks_[next++];
  }
  std::string why_interrupted() override { return "superseded by run 9"; }
  std::size_t next = 0;

 private:
  std::vector<Look> looks_;
};

TEST_F(GroupTest, TheLoopAsksUntilTheGateIsOpen) {
  const auto loop = *Loop::make();
  begin(make_test_plan({{"a"}}));
  ScriptedGate gate({RunGate::Closed{"waiting for run 7"}, RunGate::Closed{"waiting for run 8"},
                     RunGate::Open{}});
  // Nobody works here: the run goes on when it has begun, and is left.
  const auto has_begun = [&] { return !engine_->waits_for_group(); };
  must(loop->run(*engine_, clock_, has_begun, &gate));
  EXPECT_EQ(gate.next, 3U);
  EXPECT_THAT(link_.started(), ElementsAre("a"));
}

TEST_F(GroupTest, TheLoopCancelsWhatIsSuperseded) {
  const auto loop = *Loop::make();
  begin(make_test_plan({{"a"}}));
  ScriptedGate gate({RunGate::Superseded{"superseded by run 8"}});
  must(loop->run(*engine_, clock_, {}, &gate));
  EXPECT_EQ(engine_->state().reason, "superseded by run 8");
}

TEST_F(GroupTest, TheGateKnowsWhyASignalCame) {
  const auto loop = *Loop::make();
  begin(make_test_plan({{"a"}}));
  ScriptedGate gate({});
  loop->interrupt();
  must(loop->run(*engine_, clock_, {}, &gate));
  EXPECT_EQ(engine_->state().reason, "superseded by run 9");
}

}  // namespace
}  // namespace pipeline::engine
