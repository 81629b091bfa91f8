// Runs that begin because another pipeline has succeeded.
#include <gmock/gmock.h>

#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using testing::HasSubstr;
using testing::Not;

class Succession : public support::Team {
 protected:
  Succession() {
    start_agent("a");
    EXPECT_EQ(run({"repo", "add", "site"}).exit_code, 0);
  }

  static std::string pipeline(const std::string& name, const std::string& triggers,
                              const std::string& command) {
    return "name = \"" + name + "\"\n[triggers]\n" + triggers +
           "\n[[stage]]\nname = \"unit\"\nrun = '" + command + "'\n";
  }
  // What is committed, to another repository than `shop`.
  void push_to(const std::string& repository, const std::string& branch) {
    product_.git(
        {"push", "--quiet", "--force",
         "http://any:" + token() + "@127.0.0.1:" + std::to_string(port()) + "/git/" + repository,
         "HEAD:refs/heads/" + branch});
  }
  bool ends(const std::string& run_id) {
    return eventually([&] {
      return run({"show", run_id, "--json"}).out.find("run-finished") != std::string::npos;
    });
  }
  std::string runs() { return run({"runs"}).out; }
};

TEST_F(Succession, OfTheSameCommitAndOfAnotherRepositorysHead) {
  product_.write("pipeline.toml", pipeline("site",
                                           "pipeline = [{ name = \"build\", repository = \"shop\", "
                                           "branches = [\"main\"] }]",
                                           "echo site on $GIT_BRANCH by $PIPELINE_EVENT"));
  product_.commit();
  push_to("site", "main");
  product_.write("pipelines/check.toml", pipeline("check", "pipeline = [{ name = \"build\" }]",
                                                  "echo check on $GIT_BRANCH by $PIPELINE_EVENT"));
  push(pipeline("build", "push = [\"main\"]", "echo build"));
  ASSERT_TRUE(ends("2")) << runs() << server_said();
  ASSERT_TRUE(ends("3")) << runs() << server_said();
  const std::string both = run({"logs", "2", "unit"}).out + run({"logs", "3", "unit"}).out;
  EXPECT_THAT(both, HasSubstr("check on main by pipeline"));
  EXPECT_THAT(both, HasSubstr("site on main by pipeline"));
  // Their success starts nothing: nobody waits for them.
  kill_server();
  start_server();
  EXPECT_TRUE(eventually([&] { return runs().find('3') != std::string::npos; }));
  EXPECT_THAT(run({"runs", "--json"}).out, Not(HasSubstr("\"run\":4")));
}

TEST_F(Succession, AFailureStartsNothing) {
  product_.write("pipelines/check.toml",
                 pipeline("check", "pipeline = [{ name = \"build\" }]", "true"));
  push(pipeline("build", "push = [\"main\"]", "exit 3"));
  ASSERT_TRUE(ends("1"));
  // The next one succeeds: had the first started something, it would be before it.
  push(pipeline("build", "push = [\"main\"]", "true"));
  ASSERT_TRUE(ends("2"));
  ASSERT_TRUE(ends("3")) << runs();
  EXPECT_THAT(run({"show", "2"}).out, HasSubstr("build"));
  EXPECT_THAT(run({"show", "3"}).out, HasSubstr("check"));
}

}  // namespace
}  // namespace pipeline::e2e
