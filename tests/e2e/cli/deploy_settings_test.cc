// What an environment says of its instances: when they are healthy, how they are stopped, how long
// those of the release before stay.
#include <gmock/gmock.h>

#include <filesystem>
#include <iterator>

#include "tests/e2e/cli/deploy_fixture.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using testing::HasSubstr;

class Settings : public Deploy {
 protected:
  void use(const Staging& staging) { use_file(pipeline_file(port_, staging)); }
  void use_file(const std::string& file) {
    product_.write("pipeline.toml", file);
    product_.commit();
  }
  // The server, with these lines of Python before it is started.
  void serve_with(const std::string& lines) {
    const std::string server = kServer;
    const auto start = server.rfind("http.server.ThreadingHTTPServer");
    product_.write("server/server.py", server.substr(0, start) + lines + server.substr(start));
  }
  std::size_t servers_running() {
    std::size_t count = 0;
    for (const int pid : support::processes_mentioning("server.py")) {
      const std::string home = product_.shell("readlink /proc/" + std::to_string(pid) + "/cwd").out;
      if (home.starts_with(product_.home().string())) ++count;
    }
    return count;
  }
};

TEST_F(Settings, AnInstanceThatSickensWhileItBakesIsTakenBack) {
  std::string file =
      pipeline_file(port_, {.strategy = "kind = \"rolling\"\nbatch = 1\nbake = \"5m\"\n"});
  const std::string health = R"(health = { http = "/", interval = "50ms", rise = 1 })";
  file.replace(file.find(health), health.size(),
               R"(health = { http = "/health", interval = "50ms", rise = 1, fall = 2 })");
  std::string patient = file;
  patient.replace(patient.find("5m"), 2, "0s");
  // Its gate is the last to find it well.
  serve_with(R"(get = Handler.do_GET
passed = False
def sicken(self):
    global passed
    if passed and self.path == "/health" and os.path.exists("sickens"):
        self.send_error(500)
    else:
        get(self)
    passed = passed or self.path == "/smoke"
Handler.do_GET = sicken
)");
  use_file(patient);
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  use_file(file);
  const auto ran = deploy_something_new("sickens");
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(" became unhealthy: "));
  EXPECT_THAT(product_.run({"status", "staging"}).out, HasSubstr("shop/staging  1 "));
}

TEST_F(Settings, InstancesAreAskedToStopByTheSignalOfTheirEnvironment) {
  // Root's instances are another user's.
  const std::filesystem::path marks = product_.root() / "marks";
  std::filesystem::create_directory(marks);
  std::filesystem::permissions(marks, std::filesystem::perms::all);
  serve_with(R"(import signal
def leave(signal, frame):
    open(")" +
             marks.string() +
             R"(/" + os.environ["PORT"], "w").close()
    os._exit(0)
signal.signal(signal.SIGUSR1, leave)
)");
  const auto asked = [&] { return std::distance(std::filesystem::directory_iterator(marks), {}); };
  use({.settings = "stop = { signal = \"USR1\", timeout = \"1h\" }\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  EXPECT_EQ(asked(), 0);
  EXPECT_EQ(product_.run({"stop", "staging"}).exit_code, 0);
  EXPECT_EQ(asked(), 2);
  EXPECT_TRUE(eventually([&] { return product_.is_quiet(); }));
}

TEST_F(Settings, InstancesThatDoNotListenAreKilled) {
  serve_with("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n");
  use({.settings = "stop = { timeout = \"100ms\" }\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  EXPECT_EQ(product_.run({"stop", "staging"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return product_.is_quiet(); }));
}

TEST_F(Settings, TheFleetBeforeStaysAsLongAsItIsToBeWarm) {
  use({.settings = "retain = { warm = \"1h\" }\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  EXPECT_EQ(servers_running(), 2U);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  EXPECT_EQ(servers_running(), 4U);
  use({.settings = "retain = { warm = \"0s\" }\n"});
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  EXPECT_EQ(servers_running(), 2U);
}

TEST_F(Settings, ReleasesBeyondThoseThatAreRetainedCannotBeGoneBackTo) {
  use({.settings = "retain = { releases = 2, warm = \"0s\" }\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  const auto gone = product_.run({"rollback", "staging", "--to", "1"});
  EXPECT_EQ(gone.exit_code, 2) << gone.out;
  EXPECT_THAT(gone.err, HasSubstr("release 1 of staging is not kept\nhint: releases that are "
                                  "kept: "));
  EXPECT_EQ(product_.run({"rollback", "staging", "--to", "2"}).exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
