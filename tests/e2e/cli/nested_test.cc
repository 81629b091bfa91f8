// A run within a job of another run: a pipeline that tests a pipeline, as this project's own does.
#include <gtest/gtest.h>

#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;

class Nested : public testing::Test {
 protected:
  // A job that makes a repository and runs its pipeline with the same program.
  support::Ran run(const std::string& arguments) {
    product_.write("pipeline.toml",
                   "name = \"outer\"\n[[stage]]\nname = \"nest\"\nrun = '''\n"
                   "mkdir inner && cd inner && git init --quiet\n"
                   "export PIPELINE_HOME=/tmp/inner-home\n"
                   "printf 'name = \"inner\"\\n[[stage]]\\nname = \"say\"\\n"
                   "run = \"echo hello from within\"\\n' > pipeline.toml\n" +
                       product_.program().string() + " run " + arguments +
                       "'''\nsandbox = { readable = [\"" +
                       product_.program().parent_path().string() + "\"] }\n");
    return product_.run({"run"});
  }

  Product product_;
};

TEST_F(Nested, RunsWithoutASandboxOfItsOwn) {
  const auto ran = run("--sandbox=none");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_NE(product_.run({"logs", "last", "nest"}).out.find("hello from within"), std::string::npos)
      << ran.out;
  EXPECT_TRUE(product_.is_quiet());
}

TEST_F(Nested, SaysThatThereCanBeNoSandboxInASandbox) {
  const auto ran = run("");
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  const std::string log = product_.run({"logs", "last", "nest"}).out;
  EXPECT_NE(log.find("make namespaces: Operation not permitted"), std::string::npos) << log;
  EXPECT_NE(log.find("pipeline doctor"), std::string::npos) << log;
}

}  // namespace
}  // namespace pipeline::e2e
