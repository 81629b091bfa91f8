#include "runner/engine/local_workbench.h"

#include <gmock/gmock.h>

#include "tests/support/plans.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using base::ErrorKind;
using base::Result;

// Only lists files; the workbench has no business with anything else.
class ListingSource final : public source::Source {
 public:
  Result<source::Revision> snapshot(const std::filesystem::path& /*directory*/) override {
    return refuse();
  }
  Result<source::Revision> fetch(const std::string& /*location*/, const std::string& /*ref*/,
                                 const source::FetchObserver& /*observer*/) override {
    return refuse();
  }
  Result<std::string> read_file(const source::Revision& /*revision*/,
                                const std::string& /*path*/) override {
    return refuse();
  }
  Result<std::vector<TreeEntry>> list_files(const source::Revision& revision,
                                            const std::string& directory) override {
    EXPECT_EQ(revision.tree, "beef");
    EXPECT_EQ(directory, "");
    ++listings;
    return files;
  }
  Result<source::WorkTree> work_tree(const std::string& /*repository*/,
                                     const std::string& /*tree*/) override {
    return refuse();
  }
  Result<std::vector<std::string>> changed_paths(const std::string& /*repository*/,
                                                 const std::string& /*from*/,
                                                 const std::string& /*to*/) override {
    return refuse();
  }
  Result<std::vector<std::string>> brought_by(const std::string& /*repository*/,
                                              const std::string& /*onto*/,
                                              const std::string& /*head*/) override {
    return refuse();
  }

  std::vector<TreeEntry> files = {{"src/a.c", "1111", 0100644}, {"doc/a.md", "2222", 0100644}};
  int listings = 0;

 private:
  static tl::unexpected<base::Error> refuse() {
    ADD_FAILURE() << "nobody asked for this";
    return base::fail(ErrorKind::internal, "unexpected call");
  }
};

class LocalWorkbenchTest : public testing::Test {
 protected:
  LocalWorkbenchTest() {
    support::JobSketch build{"build"};
    build.work.run = {"make"};
    build.work.inputs = {"src/**"};
    plan_ = support::make_test_plan({build, {"unit", {"build"}}});
    spec_.facts.tree = "beef";
  }
  std::optional<base::Digest> key(std::size_t job = 0) {
    LocalWorkbench bench = workbench();
    const auto made = bench.result_key(spec_, plan_, plan_.jobs[job], {});
    EXPECT_TRUE(made);
    if (!made || !*made) return std::nullopt;
    return (*made)->digest;
  }
  LocalWorkbench workbench() {
    const auto has = [this](const base::Digest& digest) { return !gone_.contains(digest); };
    return {store::Paths(directory_.path()), source_, has, has};
  }

  support::TemporaryDirectory directory_;
  ListingSource source_;
  plan::Plan plan_;
  run::RunSpec spec_;
  std::set<base::Digest> gone_;
};

TEST_F(LocalWorkbenchTest, MakesTheDirectoryOfALogAndMakesItAgain) {
  LocalWorkbench bench = workbench();
  const auto made = bench.log_directory(7, "unit", 2);
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, directory_.path() / "runs/7/jobs/unit.2");
  EXPECT_TRUE(std::filesystem::is_directory(*made));
  EXPECT_TRUE(bench.log_directory(7, "unit", 2));
}

TEST_F(LocalWorkbenchTest, TheKeyFollowsTheInputsAndNothingElseOfTheTree) {
  const auto first = key();
  ASSERT_TRUE(first);
  source_.files[1].id = "3333";
  EXPECT_EQ(key(), first);
  source_.files[0].id = "3333";
  EXPECT_NE(key(), first);
  EXPECT_FALSE(key(1)) << "a stage without inputs has no key";
}

TEST_F(LocalWorkbenchTest, ListsTheTreeOnce) {
  LocalWorkbench bench = workbench();
  EXPECT_TRUE(bench.result_key(spec_, plan_, plan_.jobs[0], {}));
  EXPECT_TRUE(bench.result_key(spec_, plan_, plan_.jobs[0], {}));
  EXPECT_EQ(source_.listings, 1);
}

TEST_F(LocalWorkbenchTest, RemembersWhatTheNewestSuccessOfAJobDependedOn) {
  const Workbench::LastSuccess first{7, {{"file", "src/a.c", "1111"}}};
  const Workbench::LastSuccess second{8, {{"file", "src/a.c", "2222"}}};
  workbench().remember(spec_, "build", first);
  workbench().remember(spec_, "build", second);
  const auto recalled = workbench().recall(spec_, "build");
  ASSERT_TRUE(recalled);
  EXPECT_EQ(recalled->run, 8U);
  EXPECT_EQ(recalled->manifest, second.manifest);
  EXPECT_FALSE(workbench().recall(spec_, "unit"));
  run::RunSpec other = spec_;
  other.repository = "/elsewhere";
  EXPECT_FALSE(workbench().recall(other, "build"));
}

TEST_F(LocalWorkbenchTest, AResultIsAvailableWhenAllOfItIs) {
  LocalWorkbench bench = workbench();
  const store::CachedResult result{1, digest(1), {{"shop", digest(2), 3}}};
  EXPECT_TRUE(bench.is_available(result));
  gone_ = {digest(2)};
  EXPECT_FALSE(bench.is_available(result));
  gone_ = {digest(1)};
  EXPECT_FALSE(bench.is_available(result));
  EXPECT_TRUE(bench.is_available({1, std::nullopt, {}}));
}

}  // namespace
}  // namespace pipeline::engine
