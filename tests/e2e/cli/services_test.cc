// [[stage.service]] through the program, as a person sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "stages/host/file.h"
#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;
using testing::HasSubstr;

std::string stage(const std::string& name, const std::string& run, const std::string& services) {
  return "[[stage]]\nname = \"" + name + "\"\nneeds = []\nrun = '''" + run + "'''\n" + services;
}

// `ready` and `when` as lines of TOML.
std::string service(const std::string& name, const std::string& run, const std::string& more) {
  return "[[stage.service]]\nname = \"" + name + "\"\nrun = '''" + run + "'''\n" + more + "\n";
}

TEST(Services, AreStartedBesideTheJob) {
  Product product;
  product.write("server.py", R"(import http.server
print('serving', flush=True)
http.server.HTTPServer(('127.0.0.1', 8080), http.server.SimpleHTTPRequestHandler).serve_forever()
)");
  product.write(
      "pipeline.toml",
      "name = \"demo\"\n" +
          stage("tests", "echo tested; test ! -e never",
                service("files", "touch up; echo up; exec sleep 600",
                        "ready = { command = \"test -e up\" }") +
                    service("web", "exec python3 server.py",
                            "ready = { http = \"http://localhost:8080/pipeline.toml\" }") +
                    service("port",
                            "exec python3 -c 'import socket, time; "
                            "s = socket.create_server((\"127.0.0.1\", 7000)); "
                            "time.sleep(600)'",
                            "ready = { tcp = 7000 }") +
                    service("release", "touch never", "when = { branch = \"release/*\" }")));
  product.commit();
  const auto planned = product.run({"plan"});
  EXPECT_THAT(planned.out, HasSubstr("- service files, ready: command test -e up, within 30s\n"));
  EXPECT_THAT(planned.out,
              HasSubstr("- no service release: the branch is \"main\", not \"release/*\"\n"));
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/services_run.txt", product.normalised(ran.out)));
  const auto shown = product.run({"show", "last"});
  EXPECT_TRUE(matches_golden("e2e/services_show.txt", product.normalised(shown.out)));
  EXPECT_EQ(product.run({"logs", "last", "tests"}).out, "tested\n");
  EXPECT_EQ(product.run({"logs", "last", "tests", "--service", "files"}).out, "up\n");
  EXPECT_THAT(product.run({"logs", "last", "--service", "web"}).out,
              testing::AllOf(testing::StartsWith("serving\n"), HasSubstr("GET /pipeline.toml")));
}

TEST(Services, ThatFailAreShownWithTheirLastLines) {
  Product product;
  product.write(
      "pipeline.toml",
      "name = \"demo\"\n" +
          stage("dies", "touch go; sleep 600",
                service("db", "until test -e go; do sleep 0.01; done; echo out of memory; exit 9",
                        "")) +
          stage("broken", "true",
                service("db", "echo no such directory >&2; exit 1",
                        R"(ready = { command = "false" })")) +
          stage("slow", "true",
                service("db", "echo recovering; exec sleep 600",
                        R"(ready = { command = "echo not yet; exit 1", timeout = "2s" })")));
  product.commit();
  const auto ran = product.run({"run", "--jobs", "1"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(matches_golden("e2e/services_failed.txt", product.normalised(ran.out)));
  const auto absent = product.run({"logs", "last", "dies", "--service", "dc"});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_EQ(absent.err, "error: dies has no service \"dc\"\nhint: there is: db\n");
  EXPECT_EQ(product.run({"logs", "last", "broken", "--service", "db"}).out, "no such directory\n");
  EXPECT_TRUE(product.is_quiet());
}

TEST(Services, WorkWithoutASandbox) {
  Product product;
  product.write(
      "pipeline.toml",
      "name = \"demo\"\n" + stage("tests", "cat up",
                                  service("files", "echo yes > up; exec " + product.unique_sleep(),
                                          "ready = { command = \"test -s up\" }")));
  product.commit();
  const auto ran = product.run({"run", "--sandbox=none"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(product.is_quiet());
}

TEST(Services, HaveTheSecretsOfTheirStageAndKeepThemFromTheirLogs) {
  Product product;
  std::string text =
      "name = \"demo\"\n[[stage]]\nname = \"tests\"\nsecrets = [\"TOKEN\"]\n"
      "run = \"true\"\n" +
      service("db", "echo have $TOKEN; touch up; exec sleep 600",
              "ready = { command = \"test -e up\" }") +
      stage("fails", "sleep 600\n", "");  // until the service ends it
  text += "secrets = [\"TOKEN\"]\n" + service("db", "echo lost $TOKEN; exit 1", "");
  product.write("pipeline.toml", text);
  product.write(".gitignore", "secrets\n");
  product.write("secrets", "TOKEN=correct-horse\n");
  product.commit();
  const auto ran = product.run({"run", "--env-file", "secrets"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("fails failed: service db exited with 1"));
  EXPECT_THAT(ran.out, HasSubstr("| lost ***"));
  EXPECT_EQ(product.run({"logs", "1", "tests", "--service", "db"}).out, "have ***\n");
  EXPECT_EQ(product.shell("grep -r correct-horse '" + product.home().string() + "'").out, "");
}

TEST(Services, AreGoneWhenTheRunIsKilled) {
  Product product;
  product.write("pipeline.toml",
                "name = \"demo\"\n" +
                    stage("tests", "echo begun; sleep 600",
                          service("db", "trap '' TERM HUP; " + product.unique_sleep(), "")) +
                    stage("waits", "true",
                          service("db", "trap '' TERM; echo waiting; " + product.unique_sleep(),
                                  R"(ready = { command = "false", timeout = "10m" })")));
  product.commit();
  auto running = product.start({"run", "--jobs", "2"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "1", "tests"}).out == "begun\n" &&
           product.run({"logs", "1", "waits", "--service", "db"}).out == "waiting\n";
  })) << running.out();
  EXPECT_FALSE(product.is_quiet());
  EXPECT_THAT(product.run({"show", "1"}).out, HasSubstr("waiting for service db"));
  running.signal(SIGKILL);
  running.wait();
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
}

// The example with Debian's PostgreSQL and Redis, two jobs each on the same port at the same time.
TEST(Services, RunPostgresqlAndRedis) {
  for (const char* program : {"/usr/lib/postgresql/15/bin/postgres", "/usr/bin/redis-server"}) {
    if (!std::filesystem::exists(program)) GTEST_SKIP() << "there is no " << program;
  }
  Product product;
  const auto text = host::read_file(PIPELINE_EXAMPLES "/services/pipeline.toml");
  ASSERT_TRUE(text);
  product.write("pipeline.toml", *text);
  product.commit();
  const auto ran = product.run({"run", "--jobs", "4"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  const auto log_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"logs", "1"});
    return product.run(arguments).out;
  };
  EXPECT_EQ(log_of({"accounts"}), "ada\n");
  EXPECT_EQ(log_of({"orders"}), "bob\n");
  EXPECT_EQ(log_of({"sessions"}), "OK\nada\n");
  EXPECT_EQ(log_of({"queue"}), "1\nfirst\n");
  for (const char* job : {"accounts", "orders"}) {
    const auto log = log_of({job, "--service", "postgres"});
    EXPECT_THAT(log, HasSubstr("port 5432"));
    EXPECT_THAT(log, HasSubstr("database system is shut down")) << "it was stopped as it should be";
  }
  for (const char* job : {"sessions", "queue"}) {
    const auto log = log_of({job, "--service", "redis"});
    EXPECT_THAT(log, HasSubstr("port=6379"));
    EXPECT_THAT(log, HasSubstr("Redis is now ready to exit"));
  }
  EXPECT_TRUE(product.is_quiet());
}

}  // namespace
}  // namespace pipeline::e2e
