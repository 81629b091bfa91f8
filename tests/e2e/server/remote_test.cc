// `pipeline run --remote`: what stands here, on the agents of a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::Team;
using testing::HasSubstr;
using testing::Not;

class Remote : public Team {};

constexpr const char* kPipeline = R"(name = "shop"
[[stage]]
name = "unit"
run = ["cat tracked untracked", "! test -e ignored", "echo on $GIT_BRANCH"]
[[stage]]
name = "publish"
secrets = ["TOKEN_OF_SHOP"]
run = "echo published"
)";

TEST_F(Remote, RunsTheTreeAsItStands) {
  product_.write(".gitignore", "ignored\n");
  product_.write("tracked", "as committed\n");
  push(kPipeline);
  start_agent("a");
  product_.write("tracked", "changed since\n");
  product_.write("untracked", "and new\n");
  product_.write("ignored", "");
  const auto ran = run({"run", "--remote", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(log("1", "unit"), "changed since\nand new\non main\n");
  // Nobody has reviewed it: it gets no secrets, and the branch is what it was.
  EXPECT_THAT(ran.out, HasSubstr("publish"));
  EXPECT_THAT(ran.out, Not(HasSubstr("publish: started")));
  product_.git({"fetch", "--quiet", server_home() / "repositories/shop.git", "main"});
  EXPECT_EQ(product_.git({"show", "FETCH_HEAD:tracked"}), "as committed\n");
  // A second time only what is new goes over the line; the first stays what it was.
  product_.write("untracked", "newer\n");
  EXPECT_EQ(run({"run", "--remote", "--repo", "shop"}).exit_code, 0);
  EXPECT_EQ(log("2", "unit"), "changed since\nnewer\non main\n");
}

TEST_F(Remote, SaysWhatItNeeds) {
  push(kPipeline);
  EXPECT_THAT(run({"run", "--remote"}).err, HasSubstr("--repo NAME"));
  EXPECT_THAT(run({"run", "--remote", "--repo", "shop", "--ref", "main"}).err,
              HasSubstr("without --remote"));
  EXPECT_EQ(run({"run", "--remote", "--repo", "blog"}).exit_code, 2);
  As reader(*this, "ann", "read");
  EXPECT_THAT(run({"run", "--remote", "--repo", "shop"}).err, HasSubstr("scope run"));
}

}  // namespace
}  // namespace pipeline::e2e
