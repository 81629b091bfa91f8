// Where secrets come from: each source, which one counts, and what each refuses.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <regex>

#include "stages/host/file.h"
#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;
using support::Ran;
using testing::HasSubstr;
using testing::Not;

// Tells by its length which one it got.
constexpr const char* kPipeline = R"(name = "demo"
[[stage]]
name = "without"
run  = "test -z \"${NPM_TOKEN:-}\""
[[stage]]
name = "publish"
secrets = ["NPM_TOKEN"]
run  = "echo \"$NPM_TOKEN has ${#NPM_TOKEN}\""
)";

struct SecretSources : testing::Test {
  SecretSources() {
    product.write("pipeline.toml", kPipeline);
    product.write(".gitignore", "secrets\nvalue\n");
    product.commit();
  }

  Ran set(const std::string& name, const std::string& value, const std::string& more = "") {
    product.write("value", value);
    return product.shell(product.program().string() + " secret set " + name + " " + more +
                         " < value");
  }
  // What the stage printed, or what was said instead.
  std::string got(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Ran ran = product.run(arguments);
    return ran.exit_code == 0 ? product.run({"logs", "last", "publish"}).out : ran.err;
  }
  std::string everything(const Ran& ran) const {
    return product.normalised("exit code " + std::to_string(ran.exit_code) + "\n" + ran.out +
                              ran.err);
  }

  Product product;
};

TEST_F(SecretSources, CountInTheirOrder) {
  ASSERT_EQ(set("NPM_TOKEN", "all-of-6+++++\n", "--global").exit_code, 0);
  EXPECT_EQ(got({}), "*** has 13\n");
  ASSERT_EQ(set("NPM_TOKEN", "its-own\n").exit_code, 0);
  EXPECT_EQ(got({}), "*** has 7\n");
  const std::string command = "NPM_TOKEN=echo from-command";
  EXPECT_EQ(got({"--secret-command", command}), "*** has 12\n");
  product.env()["NPM_TOKEN"] = "of-environment";
  EXPECT_EQ(got({}), "*** has 7\n") << "the environment is not looked at unasked";
  EXPECT_EQ(got({"--secret-command", command, "--secret-from-env", "NPM_TOKEN"}), "*** has 14\n");
  product.write("secrets", "NPM_TOKEN=in-file\nOTHER=whatever\n");
  EXPECT_EQ(
      got({"--secret-command", command, "--secret-from-env", "NPM_TOKEN", "--env-file", "secrets"}),
      "*** has 7\n");
}

TEST_F(SecretSources, AreToldByThePlanWithoutReadingThem) {
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "all"
run  = "true"
secrets = ["IN_FILE", "IN_ENVIRONMENT", "OF_COMMAND", "OF_REPOSITORY", "OF_ALL", "NOWHERE"]
)");
  product.write("secrets", "IN_FILE=file-value\n");
  product.env()["IN_ENVIRONMENT"] = "environment-value";
  ASSERT_EQ(set("OF_REPOSITORY", "repository-value").exit_code, 0);
  ASSERT_EQ(set("OF_ALL", "global-value", "--global").exit_code, 0);
  // Nothing can be decrypted, and the command would leave a trace.
  std::filesystem::remove(product.home() / "secret.key");
  const std::vector<std::string> options = {"plan",
                                            "--env-file",
                                            "secrets",
                                            "--secret-from-env",
                                            "IN_ENVIRONMENT",
                                            "--secret-command",
                                            "OF_COMMAND=touch trace; echo of-command"};
  const Ran planned = product.run(options);
  EXPECT_TRUE(matches_golden(
      "e2e/secrets_plan.txt",
      std::regex_replace(everything(planned), std::regex("commit [0-9a-f]{12}"), "commit COMMIT")));
  EXPECT_FALSE(std::filesystem::exists(product.repository() / "trace"));
  auto as_json = options;
  as_json.emplace_back("--json");
  EXPECT_THAT(product.run(as_json).out,
              HasSubstr(R"("secret_sources":{"IN_FILE":"env-file","IN_ENVIRONMENT":"environment",)"
                        R"("OF_COMMAND":"command","OF_REPOSITORY":"repository",)"
                        R"("OF_ALL":"global","NOWHERE":"missing"})"));
}

TEST_F(SecretSources, AreAskedOnlyForWhatAStageThatRunsNames) {
  const std::string trace = (product.root() / "trace").string();
  const Ran ran = product.run({"run", "--stage", "without", "--secret-command",
                               "NPM_TOKEN=touch " + trace + "; echo of-command"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(trace));
}

TEST_F(SecretSources, AreHonouredByARetry) {
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"publish\"\nsecrets = [\"NPM_TOKEN\"]\n"
                "run = \"echo \\\"$NPM_TOKEN has ${#NPM_TOKEN}\\\"; test ${#NPM_TOKEN} = 7\"\n");
  ASSERT_EQ(product.run({"run", "--secret-command", "NPM_TOKEN=echo wrong-one"}).exit_code, 1);
  const Ran missing = product.run({"retry", "last"});
  EXPECT_EQ(missing.exit_code, 2);
  product.env()["NPM_TOKEN"] = "its-own";
  const Ran retried = product.run({"retry", "last", "--secret-from-env", "NPM_TOKEN"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_EQ(product.run({"logs", "last", "publish"}).out, "*** has 7\n");
}

TEST_F(SecretSources, RefuseWithTheReason) {
  std::string text;
  const auto refused = [&](const std::string& title, const Ran& ran) {
    text += "# " + title + "\n" + everything(ran) + "\n";
    EXPECT_NE(ran.exit_code, 0) << title;
    EXPECT_EQ(ran.out, "") << title;
  };
  const auto run = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return product.run(arguments);
  };
  refused("missing", run({}));
  refused("set: too short", set("NPM_TOKEN", "12345\n"));
  refused("set: empty", set("NPM_TOKEN", ""));
  refused("set: too long", set("NPM_TOKEN", std::string(40'000, 'x')));
  refused("set: a zero byte", set("NPM_TOKEN", std::string("zero\0byte", 9)));
  refused("set: no name", product.run({"secret", "set", "A-B"}));
  refused("set: a name of ours", product.run({"secret", "set", "PIPELINE_TOKEN"}));
  refused("set: outside of a repository",
          product.run_in(product.root(), {"secret", "set", "NPM_TOKEN"}));
  refused("set: not a repository",
          product.run({"secret", "set", "NPM_TOKEN", "--repository", product.root().string()}));
  refused("remove: not there", product.run({"secret", "remove", "NPM_TOKEN"}));
  refused("environment: not there", run({"--secret-from-env", "NPM_TOKEN"}));
  product.env()["NPM_TOKEN"] = "12345";
  refused("environment: too short", run({"--secret-from-env", "NPM_TOKEN"}));
  refused("command: not NAME=COMMAND", run({"--secret-command", "NPM_TOKEN"}));
  refused("command: fails",
          run({"--secret-command", "NPM_TOKEN=echo one >&2; echo two >&2; exit 3"}));
  refused("command: fails silently", run({"--secret-command", "NPM_TOKEN=kill -9 $$"}));
  refused("command: too short", run({"--secret-command", "NPM_TOKEN=echo 12345"}));
  EXPECT_TRUE(matches_golden("e2e/secrets_refused.txt", text));
  EXPECT_EQ(product.run({"runs"}).out, "no runs yet; pipeline run makes one\n");
}

TEST_F(SecretSources, RefuseAKeyThatIsGoneOpenOrWrong) {
  ASSERT_EQ(set("NPM_TOKEN", "hunter2-token").exit_code, 0);
  const auto key = product.home() / "secret.key";
  std::string text;
  const auto refused = [&](const std::string& title) {
    const Ran ran = product.run({"run"});
    text += "# " + title + "\n" + everything(ran) + "\n";
    EXPECT_EQ(ran.exit_code, 3) << title;
  };
  std::filesystem::permissions(key, std::filesystem::perms(0644));
  refused("open to others");
  std::filesystem::remove(key);
  refused("gone");
  // SecretVault makes no second key beside a lost one's secrets: neither does the program.
  EXPECT_EQ(set("OTHER", "hunter3-token").exit_code, 3);
  ASSERT_TRUE(host::write_file(key, std::string(64, 'z'), host::Durability::cached, 0600));
  refused("damaged");
  ASSERT_TRUE(host::write_file(key, std::string(64, '7'), host::Durability::cached, 0600));
  const Ran wrong = product.run({"run"});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("failed to decrypt the secret NPM_TOKEN: it is encrypted with "
                                   "another key ("));
  EXPECT_THAT(wrong.err, HasSubstr("\nhint: bring the key back that it was set with"));
  EXPECT_TRUE(matches_golden("e2e/secrets_key.txt", text));
}

TEST_F(SecretSources, TakeTheKeyFromElsewhere) {
  const auto key = product.root() / "my.key";
  ASSERT_TRUE(host::write_file(key, std::string(64, '7'), host::Durability::cached, 0600));
  product.env()["PIPELINE_SECRET_KEY_FILE"] = key.string();
  ASSERT_EQ(set("NPM_TOKEN", "hunter2-token").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(product.home() / "secret.key"));
  EXPECT_EQ(got({}), "*** has 13\n");
  product.env().erase("PIPELINE_SECRET_KEY_FILE");
  const auto credentials = product.root() / "credentials";
  std::filesystem::create_directory(credentials);
  std::filesystem::rename(key, credentials / "pipeline-secret-key");
  product.env()["CREDENTIALS_DIRECTORY"] = credentials.string();
  EXPECT_EQ(got({}), "*** has 13\n");
}

TEST_F(SecretSources, AreListedByNameAndNeverByValue) {
  std::string text = everything(product.run({"secret", "list"}));
  text += everything(set("NPM_TOKEN", "hunter2-token\n"));
  text += everything(set("SIGN_KEY", "line one\nline two\n", "--global"));
  text += everything(
      set("DEPLOY", "hunter3-token", "--repository https://user:pass@git.example.org/shop"));
  const Ran listed = product.run({"secret", "list"});
  EXPECT_THAT(listed.out, HasSubstr("NPM_TOKEN"));
  EXPECT_THAT(listed.out, HasSubstr("all repositories"));
  EXPECT_THAT(listed.out, Not(HasSubstr("DEPLOY"))) << "another repository's";
  const Ran outside = product.run_in(product.root(), {"secret", "list", "--json"});
  text += everything(listed);
  text += std::regex_replace(everything(outside), std::regex(R"("set_at":"[^"]*")"),
                             R"("set_at":"THEN")");
  text += everything(product.run({"secret", "remove", "NPM_TOKEN"}));
  text += everything(product.run({"secret", "remove", "SIGN_KEY", "--global"}));
  text += everything(product.run({"secret", "list"}));
  EXPECT_THAT(text, Not(HasSubstr("hunter")));
  EXPECT_THAT(text, Not(HasSubstr("pass@")));
  EXPECT_TRUE(matches_golden("e2e/secrets_kept.txt", text));
}

TEST_F(SecretSources, AreNowhereToBeReadInTheStateDirectory) {
  ASSERT_EQ(set("NPM_TOKEN", "hunter2-token").exit_code, 0);
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  for (const auto& found : std::filesystem::recursive_directory_iterator(product.home())) {
    if (!found.is_regular_file()) continue;
    const auto bytes = host::read_file(found.path());
    ASSERT_TRUE(bytes) << found.path();
    EXPECT_EQ(bytes->find("hunter2"), std::string::npos) << found.path();
  }
  struct stat status {};
  ASSERT_EQ(::stat((product.home() / "secret.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

// The first secrets of a machine, so that the key is made by both at once.
TEST_F(SecretSources, AreAllKeptWhenSetAtOnce) {
  const std::string set_one = product.program().string() + " secret set ";
  std::string script;
  for (int i = 0; i < 8; ++i) {
    script += "printf hunter-" + std::to_string(i) + " | " + set_one + "S" + std::to_string(i) +
              " & pids=\"$pids $!\"; ";
  }
  const Ran ran = product.shell(script + "for pid in $pids; do wait $pid || exit 1; done");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"publish\"\n"
                "secrets = [\"S0\", \"S1\", \"S2\", \"S3\", \"S4\", \"S5\", \"S6\", \"S7\"]\n"
                "run = \"echo $S0 $S7 ${#S3}\"\n");
  EXPECT_EQ(got({}), "*** *** 8\n");
}

}  // namespace
}  // namespace pipeline::e2e
