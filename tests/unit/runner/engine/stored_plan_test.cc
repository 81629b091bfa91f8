#include "runner/engine/stored_plan.h"

#include <gtest/gtest.h>

#include "tests/support/store/memory_run_store.h"

namespace pipeline::engine {
namespace {

using base::ErrorKind;

constexpr const char* kText = R"(
name = "shop"
[[stage]]
name = "build"
run = "make"
[[stage]]
name = "unit"
run = "make test"
)";

class StoredPlan : public testing::Test {
 protected:
  void store_run(const std::string& text) {
    auto run = store_.create();
    lease_ = std::move(run->lease);
    run::RunSpec spec;
    spec.pipeline = "shop";
    spec.pipeline_file = "pipeline.toml";
    spec.pipeline_text = text;
    spec.stages = {"build"};
    const std::vector<run::Event> events = {{1, {}, run::RunCreated{spec}},
                                            {2, {}, run::JobQueued{"build", 1}}};
    ASSERT_TRUE(store_.append(run->id, events));
  }

  support::MemoryDisk disk_;
  support::MemoryRunStore store_{disk_};
  std::unique_ptr<store::RunLease> lease_;
};

TEST_F(StoredPlan, IsMadeAgainFromTheFirstEventWithTheSameSelection) {
  store_run(kText);
  const auto loaded = load_run(store_, 1);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_EQ(loaded->plan.jobs.size(), 1U);
  EXPECT_EQ(loaded->plan.jobs[0].name, "build");
  EXPECT_EQ(loaded->state.jobs[0].status, run::JobStatus::queued);
  EXPECT_EQ(loaded->events.size(), 2U);
  EXPECT_EQ(loaded->spec.pipeline, "shop");
}

TEST_F(StoredPlan, ATextThatCannotBeReadIsSaidByFile) {
  store_run("name = ");
  const auto loaded = load_run(store_, 1);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(loaded.error().to_string(),
            "the stored text of pipeline.toml cannot be read by this version of pipeline");
}

TEST_F(StoredPlan, AnUnknownRunIsNotFound) {
  EXPECT_EQ(load_run(store_, 7).error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace pipeline::engine
