// A secret goes from --env-file to the jobs that ask for it, and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "stages/host/file.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecrets = "# for npm\nNPM_TOKEN=corr\"ect horse/battery\n";

constexpr const char* kPipeline = R"(name = "demo"
[[stage]]
name = "without"
run  = "test -z \"${NPM_TOKEN:-}\" && ! env | grep TOKEN"
[[stage]]
name = "publish"
secrets = ["NPM_TOKEN"]
run  = ["test ${#NPM_TOKEN} = 22", "set -x; echo \"with $NPM_TOKEN\"; printf %s \"$NPM_TOKEN\" | base64; exit 3"]
)";

struct Secrets : testing::Test {
  Secrets() {
    product.write("pipeline.toml", kPipeline);
    product.write(".gitignore", "secrets\n");
    product.write("secrets", kSecrets);
    product.commit();
  }
  Product product;
};

TEST_F(Secrets, AreSeenByTheirJobAndMaskedEverywhere) {
  const auto ran = product.run({"run", "--env-file", "secrets"});
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("without: succeeded"));
  EXPECT_THAT(ran.out, HasSubstr("publish failed: command 2 exited with 3"));
  EXPECT_THAT(ran.out, HasSubstr("| with ***"));
  const auto json = product.run({"run", "--env-file", "secrets", "--json"});
  std::string all = ran.out + ran.err + json.out + json.err;
  for (const auto& arguments : {std::vector<std::string>{"logs", "1"},
                                {"logs", "1", "publish"},
                                {"show", "1"},
                                {"show", "1", "--json"},
                                {"runs"}}) {
    const auto looked = product.run(arguments);
    EXPECT_EQ(looked.exit_code, 0) << looked.err;
    all += looked.out + looked.err;
  }
  EXPECT_THAT(all, HasSubstr("with ***\n"));
  for (const char* form : {"horse", "b3JzZS", "aG9yc2", "hvcnNl"}) {
    EXPECT_THAT(all, Not(HasSubstr(form)));
  }
}

TEST_F(Secrets, AreNotKept) {
  product.run({"run", "--env-file", "secrets"});
  for (const auto& entry : std::filesystem::recursive_directory_iterator(product.home())) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = host::read_file(entry.path());
    ASSERT_TRUE(bytes) << entry.path();
    EXPECT_EQ(bytes->find("horse"), std::string::npos) << entry.path();
  }
}

TEST_F(Secrets, ThatAreMissingAreFoundBeforeARunBegins) {
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "error: the secret NPM_TOKEN was not given\n"
            "hint: give it with --env-file FILE, as a line NPM_TOKEN=VALUE\n");
  EXPECT_EQ(product.run({"runs"}).out, "no runs yet; pipeline run makes one\n");
  EXPECT_EQ(product.run({"run", "--stage", "without"}).exit_code, 0);

  ASSERT_EQ(product.run({"run", "--env-file", "secrets"}).exit_code, 1);
  const auto retried = product.run({"retry", "last"});
  EXPECT_EQ(retried.exit_code, 2);
  EXPECT_THAT(retried.err, HasSubstr("--env-file"));
}

TEST_F(Secrets, OfAFileThatIsNotThereOrOfNoUse) {
  const auto absent = product.run({"run", "--env-file", "nope"});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.err, HasSubstr("nope"));
  EXPECT_THAT(absent.err, HasSubstr("\nhint: --env-file names a file of NAME=VALUE lines\n"));
  product.write("secrets", "NPM_TOKEN=short\n");
  const auto short_one = product.run({"run", "--env-file", "secrets"});
  EXPECT_EQ(short_one.exit_code, 2);
  EXPECT_THAT(short_one.err, HasSubstr("line 1: NPM_TOKEN is shorter than 6 bytes"));
  EXPECT_THAT(short_one.err, HasSubstr("\nhint: "));
  EXPECT_THAT(short_one.err, Not(HasSubstr("short\n")));
}

}  // namespace
}  // namespace pipeline::e2e
