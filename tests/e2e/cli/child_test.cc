// A pipeline that runs another one, through the program.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

constexpr const char* kParent = R"(name = "ci"

[params]
channel = { type = "string", default = "stable" }

[[stage]]
name = "build"
run  = "true"

[[stage]]
name     = "package"
kind     = "pipeline"
pipeline = "package"
params   = { channel = "nightly", level = 9 }

[[stage]]
name = "after"
run  = "true"
)";

constexpr const char* kChild = R"(name = "package"

[params]
channel = { type = "string", choices = ["stable", "nightly"], default = "stable" }
level   = { type = "integer", default = 1 }

[[stage]]
name    = "pack"
secrets = ["TOKEN"]
run     = "echo packing for $PARAM_CHANNEL at level $PARAM_LEVEL on $GIT_BRANCH; test \"$TOKEN\" = s3cret-token"
)";

void write_shop(Product& product, const char* child = kChild) {
  product.write("pipelines/ci.toml", kParent);
  product.write("pipelines/package.toml", child);
  product.write(".env", "TOKEN=s3cret-token\n");
  product.write(".gitignore", ".env\n");
  product.commit();
}

TEST(ChildPipeline, IsARunOfItsOwnWithParametersAndTheParentsSecrets) {
  Product product;
  write_shop(product);
  const auto planned = product.run({"plan", "ci"});
  EXPECT_TRUE(matches_golden("e2e/child_plan.txt", product.normalised(planned.out))) << planned.err;
  const auto ran = product.run({"run", "ci", "--env-file", ".env"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/child_run.txt", product.normalised(ran.out)));
  const auto log = product.run({"logs", "2", "pack"});
  EXPECT_NE(log.out.find("packing for nightly at level 9 on main\n"), std::string::npos)
      << log.out << log.err;
  const auto shown = product.run({"show", "2"});
  EXPECT_TRUE(matches_golden("e2e/child_show.txt", product.normalised(shown.out)));
}

TEST(ChildPipeline, ItsFailureIsTheStages) {
  Product product;
  write_shop(product, R"(name = "package"

[params]
channel = { type = "string" }
level   = { type = "integer" }

[[stage]]
name = "pack"
run  = "echo no space; exit 3"
)");
  const auto ran = product.run({"run", "ci"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/child_failed.txt", product.normalised(ran.out)));
}

TEST(ChildPipeline, EndsWithItsParentAndLeavesNothing) {
  Product product;
  write_shop(product, (R"(name = "package"

[params]
channel = { type = "string" }
level   = { type = "integer" }

[[stage]]
name = "pack"
run  = "echo here; )" + product.unique_sleep() +
                       "\"\n")
                          .c_str());
  auto running = product.start({"run", "ci"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "2", "pack"}).out.find("here\n") != std::string::npos;
  }));
  const auto refused = product.run({"cancel", "2"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/child_cancel_refused.txt", product.normalised(refused.err)));
  running.signal(SIGINT);
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 130) << ran.out << ran.err;
  for (const char* run : {"1", "2"}) {
    const auto shown = product.run({"show", run});
    EXPECT_NE(shown.out.find("run " + std::string(run) + " cancelled"), std::string::npos)
        << shown.out;
  }
  EXPECT_TRUE(product.is_quiet());
}

TEST(ChildPipeline, InItsParentsConcurrencyGroupItDoesNotWaitForIt) {
  Product product;
  const std::string group = "[concurrency]\ngroup = \"release\"\n";
  product.write("pipelines/ci.toml", R"(name = "ci"
[[stage]]
name = "package"
kind = "pipeline"
pipeline = "package"
)" + group);
  product.write("pipelines/package.toml",
                "name = \"package\"\n[[stage]]\nname = \"pack\"\nrun = \"true\"\n" + group);
  const auto ran = product.run({"run", "ci"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

TEST(ChildPipeline, ThoseThatCannotRunAreRefusedBeforeAnythingRuns) {
  Product product;
  product.write("pipelines/ci.toml", R"(name = "ci"
[[stage]]
name = "absent"
kind = "pipeline"
pipeline = "pakage"
[[stage]]
name = "circle"
kind = "pipeline"
pipeline = "round"
[[stage]]
name = "wrong-params"
kind = "pipeline"
pipeline = "package"
params = { chanel = "stable" }
[[stage]]
name = "wrong-file"
kind = "pipeline"
pipeline = "broken"
[[stage]]
name = "lock"
kind = "pipeline"
pipeline = "locked"
lock = "db"
)");
  product.write("pipelines/locked.toml", R"(name = "locked"
[[stage]]
name = "migrate"
run = "true"
lock = "db"
)");
  product.write("pipelines/package.toml", kChild);
  product.write("pipelines/broken.toml", "name = \n");
  product.write("pipelines/round.toml", R"(name = "round"
[[stage]]
name = "again"
kind = "pipeline"
pipeline = "ci"
)");
  product.commit();
  const auto checked = product.run({"check", "pipelines/ci.toml"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/child_refused.txt", product.normalised(checked.out)));
  const auto ran = product.run({"run", "ci"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.err.find("would run each other in a circle"), std::string::npos) << ran.err;
  EXPECT_EQ(product.run({"show", "1"}).exit_code, 2) << "nothing was run";
}

}  // namespace
}  // namespace pipeline::e2e
