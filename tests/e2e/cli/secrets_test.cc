// A secret goes to the jobs that ask for it, and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "stages/host/file.h"
#include "tests/support/golden.h"
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
  EXPECT_EQ(
      ran.err,
      "error: the secret NPM_TOKEN was not given\n"
      "hint: pipeline secret set NPM_TOKEN keeps it; for this run alone: --env-file FILE with "
      "a line NPM_TOKEN=VALUE, --secret-from-env NPM_TOKEN, or --secret-command "
      "NPM_TOKEN=COMMAND\n");
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

// What a job names its files ends up in the reason why it failed.
TEST_F(Secrets, AreMaskedInReasons) {
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "publish"
secrets = ["NPM_TOKEN"]
artifacts = [{ name = "shop", paths = ["dist"] }]
run  = "mkdir dist && ln -s /etc \"dist/$NPM_TOKEN\""
)");
  product.write("secrets", "NPM_TOKEN=correct-horse-battery\n");
  const auto ran = product.run({"run", "--env-file", "secrets"});
  EXPECT_EQ(ran.exit_code, 1);
  std::string all = ran.out + ran.err;
  for (const auto& arguments : {std::vector<std::string>{"show", "1"},
                                {"show", "1", "--json"},
                                {"runs"},
                                {"runs", "--json"}}) {
    all += product.run(arguments).out;
  }
  EXPECT_THAT(all, HasSubstr("symlink \"dist/***\" leads out"));
  EXPECT_THAT(all, Not(HasSubstr("horse")));
}

TEST_F(Secrets, InAnArtifactAreWarnedOf) {
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "publish"
secrets = ["NPM_TOKEN", "SIGN_KEY"]
inputs = ["pipeline.toml"]
artifacts = [{ name = "clean", paths = ["clean"] }, { name = "shop", paths = ["dist"] }]
run  = ["mkdir clean dist && echo x > clean/x", "printf %s \"$NPM_TOKEN\" | base64 > dist/app.js"]
)");
  product.write("secrets", "NPM_TOKEN=correct-horse-battery\nSIGN_KEY=something-else\n");
  const auto ran = product.run({"run", "--env-file", "secrets"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(support::matches_golden("e2e/secrets_in_artifact.txt", product.normalised(ran.out)));
  EXPECT_THAT(product.run({"show", "1"}).out,
              HasSubstr("warning: publish: the artifact shop contains the secret NPM_TOKEN, in "
                        "dist/app.js\n"));
  EXPECT_THAT(product.run({"show", "1", "--json"}).out, HasSubstr(R"("warnings":["the artifact)"));
  EXPECT_EQ(product.run({"artifacts", "get", "1", "shop"}).exit_code, 0)
      << "it is made all the same";
  const auto again = product.run({"run", "--env-file", "secrets"});
  EXPECT_THAT(again.out, HasSubstr("warning: publish:")) << "not reused without a word";
}

bool mentions(int pid, const char* what, const std::string& text) {
  const auto bytes = host::read_file("/proc/" + std::to_string(pid) + "/" + what);
  return bytes && bytes->find(text) != std::string::npos;
}

std::filesystem::path pid_namespace(const std::string& pid) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + pid + "/ns/pid", error);
}

// Anybody of the same user, or root, may look there.
TEST_F(Secrets, AreInTheEnvironmentOfTheJobAlone) {
  const std::string of_file = "file-" + product.unique_sleep();
  const std::string of_environment = "environment-" + product.unique_sleep();
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "publish"
secrets = ["NPM_TOKEN", "SIGN_KEY"]
run  = ["test -n \"$NPM_TOKEN\" && test -n \"$SIGN_KEY\"", "exec )" +
                                     product.unique_sleep() + "\"]\n");
  product.write("secrets", "NPM_TOKEN=" + of_file + "\n");
  product.env()["SIGN_KEY"] = of_environment;
  auto running = product.start({"run", "--env-file", "secrets", "--secret-from-env", "SIGN_KEY"});
  const auto in_job = [&](int pid) {
    return pid_namespace(std::to_string(pid)) != pid_namespace("self");
  };
  ASSERT_TRUE(support::eventually([&] {
    const auto sleeping = support::processes_mentioning(product.unique_sleep());
    return std::any_of(sleeping.begin(), sleeping.end(),
                       [&](int pid) { return in_job(pid) && mentions(pid, "cmdline", "sleep"); });
  })) << running.out();
  const auto helpers = product.helpers();
  EXPECT_FALSE(helpers.empty());
  for (const std::string& value : {of_file, of_environment}) {
    for (const int pid : helpers) {
      EXPECT_FALSE(mentions(pid, "environ", value) || mentions(pid, "cmdline", value)) << pid;
    }
    EXPECT_FALSE(mentions(running.pid(), "environ", value)) << "wiped once it was taken";
    EXPECT_FALSE(mentions(running.pid(), "cmdline", value));
    for (const int pid : support::processes_mentioning(value)) EXPECT_TRUE(in_job(pid)) << pid;
  }
  running.signal(SIGINT);
  EXPECT_EQ(running.wait().exit_code, 130);
}

}  // namespace
}  // namespace pipeline::e2e
