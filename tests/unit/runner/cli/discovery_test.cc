#include "runner/cli/discovery.h"

namespace pipeline::cli {
namespace {

using Files = std::vector<std::string>;

TEST(Discovery, PrefersTheRootThenTheOnlyOneThenCi) {
  EXPECT_EQ(choose_pipeline({"pipeline.toml", "pipelines/a.toml"}, {}).value(), "pipeline.toml");
  EXPECT_EQ(choose_pipeline({"pipelines/a.toml"}, {}).value(), "pipelines/a.toml");
  EXPECT_EQ(choose_pipeline({"pipelines/a.toml", "pipelines/ci.toml"}, {}).value(),
            "pipelines/ci.toml");
}

TEST(Discovery, AsksWhichWhenThereIsNoTelling) {
  const auto chosen = choose_pipeline({"pipelines/b.toml", "pipelines/a.toml"}, {});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(chosen.error().hint(), "name one of: a, b");
}

TEST(Discovery, FindsANameAndGuessesAMistypedOne) {
  const Files files = {"pipeline.toml", "pipelines/nightly.toml", "pipelines/ci.toml"};
  EXPECT_EQ(choose_pipeline(files, "nightly").value(), "pipelines/nightly.toml");
  EXPECT_EQ(choose_pipeline(files, "nighly").error().hint(), "did you mean \"nightly\"?");
  EXPECT_EQ(choose_pipeline(files, "frobnicate").error().hint(), "there are: ci, nightly");
  EXPECT_EQ(choose_pipeline({}, "release").error().hint(),
            "it would be the file pipelines/release.toml");
}

TEST(Discovery, SaysHowToBeginWhereThereIsNone) {
  EXPECT_EQ(choose_pipeline({"README.md"}, {}).error().hint(), "pipeline init writes one");
}

TEST(Discovery, IgnoresWhatIsNoPipeline) {
  const Files files = {"pipelines/README.md", "pipelines/deep/x.toml", "other/y.toml",
                       "pipelines/.toml", "pipelines/ok.toml"};
  EXPECT_EQ(pipeline_files(files), (Files{"pipelines/ok.toml"}));
  EXPECT_EQ(choose_pipeline(files, {}).value(), "pipelines/ok.toml");
}

TEST(Discovery, TellsAFileFromAName) {
  EXPECT_TRUE(names_a_file("x/y.toml"));
  EXPECT_FALSE(names_a_file("nightly"));
}

}  // namespace
}  // namespace pipeline::cli
