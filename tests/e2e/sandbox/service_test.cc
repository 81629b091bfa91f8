// Services of a job: when they start, how they are waited for, how they end, and that nothing of
// them is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/log/format.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {

// In the names of tests.
void PrintTo(Isolation isolation, std::ostream* out) {
  *out << (isolation == Isolation::full ? "full" : "none");
}

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using Cause = SandboxResult::Cause;

class ServiceTest : public SandboxTest, public testing::WithParamInterface<Isolation> {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    word_ = "marker-" + root_.filename().string();
  }
  void TearDown() override {
    EXPECT_TRUE(all_gone(word_)) << "processes survived";
    SandboxTest::TearDown();
  }

  SandboxPlan plan_with(std::vector<model::ServiceSpec> services,
                        std::vector<std::string> commands) const {
    SandboxPlan plan = SandboxTest::plan(std::move(commands));
    plan.isolation = GetParam();
    plan.services = std::move(services);
    return plan;
  }
  // A service that appends what it does to the file `order`, and stays.
  model::ServiceSpec service(const std::string& name) const {
    model::ServiceSpec service;
    service.name = name;
    service.run = "trap 'echo " + name + " stops | tee -a order; exit 0' TERM\n" + "echo " + name +
                  " starts | tee -a order\n" + stay();
    return service;
  }
  // The same, and it is waited for until its trap is set.
  model::ServiceSpec listening(const std::string& name) const {
    auto listening = service(name);
    listening.ready = ready("grep -q '" + name + " starts' order");
    return listening;
  }
  // Waits in a way that a trap interrupts, with the word by which its process is found.
  std::string stay() const { return "sh -c 'sleep 600' " + word_ + " & wait"; }
  static model::ReadySpec ready(const std::string& command, base::Duration timeout = 60s) {
    return {.command = command, .endpoint = {}, .interval = 20ms, .timeout = timeout};
  }
  std::string service_log(const std::string& name) const {
    return host::read_file(log::service_log(root_ / "log", name) / "log").value_or("no log");
  }
  std::string order() const { return host::read_file(root_ / "upper/order").value_or(""); }

  std::string word_;
};

// `--sandbox=none` promises the same; what needs a network namespace is tried with one only.
INSTANTIATE_TEST_SUITE_P(Isolations, ServiceTest, testing::Values(Isolation::full, Isolation::none),
                         [](const auto& tested) {
                           return tested.param == Isolation::full ? "sandboxed" : "bare";
                         });

TEST_P(ServiceTest, StartInOrderWhenTheOneBeforeIsReadyAndStopInReverse) {
  auto first = listening("first");
  first.run = "sleep 0.05; " + first.run;
  const auto second = listening("second");
  const Ran ran = run(plan_with({first, second}, {"echo job >> order", "echo again >> order"}));
  EXPECT_EQ(ran.result.cause, Cause::exited) << ran.result.reason;
  EXPECT_EQ(ran.result.exit_code, 0);
  EXPECT_EQ(order(), "first starts\nsecond starts\njob\nagain\nsecond stops\nfirst stops\n");
}

TEST_P(ServiceTest, StopInReverseWhenACommandFailed) {
  const auto first = listening("first");
  const auto second = listening("second");
  const Ran ran = run(plan_with({first, second}, {"exit 3", "echo never"}));
  EXPECT_EQ(ran.result.cause, Cause::exited) << ran.result.reason;
  EXPECT_EQ(ran.result.exit_code, 3);
  EXPECT_EQ(order(), "first starts\nsecond starts\nsecond stops\nfirst stops\n");
}

TEST_P(ServiceTest, KeepTheirLogsApartAndSecretsOutOfThem) {
  auto chatty = service("chatty");
  chatty.env = {{"WHO", "the service"}};
  chatty.run = "echo $WHO says $TOKEN >&2; touch said; " + stay();
  chatty.ready = ready("test -e said && test \"$WHO\" = 'the service' && echo not logged");
  auto plan = plan_with({chatty}, {"echo $WHO says nothing"});
  plan.env["WHO"] = "the job";
  plan.env["TOKEN"] = "hunter2hunter2";
  plan.masked = {"hunter2hunter2"};
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.exit_code, 0) << ran.result.reason;
  EXPECT_EQ(ran.output, "the job says nothing\n");
  EXPECT_THAT(service_log("chatty"), testing::StartsWith("the service says ***\n"));
  EXPECT_THAT(service_log("chatty"), Not(HasSubstr("not logged")));
}

TEST_P(ServiceTest, ThatEndsBeforeTheCommandsFailsTheJob) {
  for (const int code : {0, 7}) {
    std::filesystem::remove(root_ / "upper/order");
    auto mortal = service("mortal");
    mortal.run = "echo last words; until test -e go; do sleep 0.01; done; rm go; exit " +
                 std::to_string(code);
    const Ran ran = run(plan_with({listening("other"), mortal},
                                  {"trap 'echo asked to end; exit 1' TERM; touch go; " + stay()}));
    EXPECT_EQ(ran.result.cause, Cause::service);
    EXPECT_EQ(ran.result.reason,
              "service mortal exited with " + std::to_string(code) + ":\nlast words");
    EXPECT_THAT(ran.output, HasSubstr("asked to end\n"));
    EXPECT_THAT(order(), testing::EndsWith("other stops\n"));
  }
}

TEST_P(ServiceTest, ThatEndsTakesACommandWithItThatDoesNotListen) {
  auto mortal = service("mortal");
  mortal.run = "until test -e go; do sleep 0.01; done; exit 1";
  auto plan = plan_with({mortal}, {"trap '' TERM; touch go; " + stay()});
  plan.grace = 100ms;
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::service);
  EXPECT_EQ(ran.result.reason, "service mortal exited with 1");
  EXPECT_EQ(ran.exit_codes.at(0), 137);
}

TEST_P(ServiceTest, ThatEndsBeforeItIsReadyFailsTheJob) {
  auto broken = service("broken");
  broken.run = "echo no such database >&2; exit 2";
  broken.ready = ready("false");
  const Ran ran = run(plan_with({broken}, {"echo never"}));
  EXPECT_EQ(ran.result.cause, Cause::service);
  EXPECT_EQ(ran.result.reason, "service broken exited with 2:\nno such database");
  EXPECT_EQ(ran.result.commands_started, 0U);
  EXPECT_EQ(ran.output, "");
}

TEST_P(ServiceTest, ThatCannotBeRunFailsTheJob) {
  auto plan = plan_with({service("db")}, {"true"});
  plan.shell = {"/no/such/shell"};
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::service);
  EXPECT_THAT(ran.result.reason, HasSubstr("service db exited with 127:\ncannot run"));
}

TEST_P(ServiceTest, ThatIsNotReadyInTimeFailsTheJobWithWhatTheLastLookSaid) {
  auto slow = service("slow");
  slow.run = "echo starting up; " + stay();
  slow.ready = ready("echo still in recovery; exit 1", 2s);
  const Ran ran = run(plan_with({slow}, {"echo never"}));
  EXPECT_EQ(ran.result.cause, Cause::service);
  EXPECT_THAT(ran.result.reason, testing::StartsWith("service slow was not ready within 2s:\n"));
  EXPECT_THAT(ran.result.reason, HasSubstr("starting up"));
  EXPECT_THAT(ran.result.reason, HasSubstr("not ready: still in recovery"));
  EXPECT_EQ(ran.output, "");
}

TEST_P(ServiceTest, WhoseLookHangsIsNotReadyInTime) {
  auto slow = service("slow");
  slow.ready = ready(stay(), 300ms);
  const Ran ran = run(plan_with({slow}, {"echo never"}));
  EXPECT_EQ(ran.result.cause, Cause::service);
  EXPECT_THAT(ran.result.reason, HasSubstr("not ready: the first look has no answer yet"));
}

TEST_P(ServiceTest, ThatDoesNotListenIsKilledInTheEnd) {
  auto deaf = service("deaf");
  deaf.run = "trap '' TERM; touch deaf-is-up; " + stay() + "; " + stay();
  deaf.ready = ready("test -e deaf-is-up");
  auto plan = plan_with({listening("before"), deaf}, {"echo done"});
  plan.grace = 100ms;
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::exited) << ran.result.reason;
  EXPECT_EQ(ran.result.exit_code, 0);
  EXPECT_THAT(order(), testing::EndsWith("before stops\n")) << "the others still get their turn";
}

TEST_P(ServiceTest, CountAgainstTheTimeout) {
  auto slow = service("slow");
  slow.ready = ready("false");
  auto plan = plan_with({slow}, {"echo never"});
  plan.timeout = 2s;  // its trap is set long before
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::timed_out) << ran.result.reason;
  EXPECT_EQ(ran.output, "");
  EXPECT_THAT(service_log("slow"), HasSubstr("slow stops")) << "it is asked first";
}

// Tells the test when a service is waited for, and stops the job then.
class Canceller final : public SandboxObserver {
 public:
  explicit Canceller(RunningSandbox& running) : running_(running) {}
  void service_awaited(std::uint32_t index) override {
    awaited.push_back(index);
    if (awaited.size() == 2) running_.stop(StopCause::cancelled);
  }
  void command_started(std::uint32_t /*index*/) override { ADD_FAILURE() << "it was cancelled"; }
  void command_finished(std::uint32_t /*index*/, int /*exit_code*/) override {}
  std::vector<std::uint32_t> awaited{};

 private:
  RunningSandbox& running_;
};

TEST_P(ServiceTest, CanBeCancelledWhileTheyAreWaitedFor) {
  auto first = service("first");
  first.ready = ready("true");
  auto second = service("second");
  second.ready = ready("false");
  auto running = start(plan_with({first, service("quick"), second}, {"echo never"}));
  ASSERT_TRUE(running);
  Canceller canceller(*running);
  const auto result = running->wait(canceller);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, Cause::cancelled) << result->reason;
  EXPECT_EQ(canceller.awaited, (std::vector<std::uint32_t>{0, 2})) << "not those that are at once";
}

class SandboxedServiceTest : public ServiceTest {};
INSTANTIATE_TEST_SUITE_P(Isolations, SandboxedServiceTest, testing::Values(Isolation::full),
                         [](const auto&) { return "sandboxed"; });

constexpr const char* kHttpServer =
    "import http.server, sys\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "  asked = 0\n"
    "  def do_GET(self):\n"
    "    Handler.asked += 1\n"
    "    self.send_response(204 if Handler.asked > 2 and self.path == '/health' else 503)\n"
    "    self.end_headers()\n"
    "http.server.HTTPServer(('127.0.0.1', 8080), Handler).serve_forever()\n";

model::ReadySpec endpoint(const std::string& host, std::uint16_t port,
                          std::optional<std::string> path = {}) {
  model::ReadySpec ready{.command = {}, .endpoint = {}, .interval = 20ms, .timeout = 60s};
  ready.endpoint = {.host = host, .port = port, .http_path = std::move(path)};
  return ready;
}

TEST_P(SandboxedServiceTest, AreReadyWhenTheirPortOrUrlAnswers) {
  auto web = service("web");
  web.run = "exec python3 -c \"$PROGRAM\" " + word_;
  web.env["PROGRAM"] = kHttpServer;
  web.ready = endpoint("", 8080, "/health");
  auto six = service("six");
  six.run =
      "exec python3 -c 'import socket,time; s=socket.create_server((\"::1\",7000),"
      "family=socket.AF_INET6); time.sleep(600)' " +
      word_;
  six.ready = endpoint("", 7000);
  const Ran ran = run(plan_with({web, six}, {"echo both are there"}));
  EXPECT_EQ(ran.output, "both are there\n") << ran.result.reason;
  EXPECT_THAT(service_log("web"), HasSubstr("\"GET /health HTTP/1.1\" 503"));
  EXPECT_THAT(service_log("web"), HasSubstr("\"GET /health HTTP/1.1\" 204"));
}

TEST_P(SandboxedServiceTest, SayWhatTheirPortSaid) {
  auto web = service("web");
  web.run = "exec python3 -c \"$PROGRAM\" " + word_;
  web.env["PROGRAM"] = kHttpServer;
  web.ready = endpoint("127.0.0.1", 8080);
  auto sick = service("sick");  // looked at through the other, which is up by now
  sick.ready = endpoint("127.0.0.1", 8080, "/other");
  sick.ready->timeout = 2s;
  const Ran answered = run(plan_with({web, sick}, {"true"}));
  EXPECT_THAT(answered.result.reason, HasSubstr("not ready: 127.0.0.1:8080: HTTP 503"));
  auto nobody = service("nobody");
  nobody.ready = endpoint("", 8080);
  nobody.ready->timeout = 2s;
  const Ran refused = run(plan_with({nobody}, {"true"}));
  EXPECT_THAT(refused.result.reason,
              HasSubstr("not ready: 127.0.0.1:8080: connection refused, [::1]:8080: "));
}

TEST_P(SandboxedServiceTest, OfTwoJobsHaveTheSamePortEach) {
  const auto shared = root_ / "shared";
  std::filesystem::create_directory(shared);
  std::vector<RunningSandbox> jobs;
  for (const std::string name : {"one", "two"}) {
    for (const char* directory : {"upper", "scratch", "log"}) {
      std::filesystem::create_directories(root_ / name / directory);
    }
    auto web = service("web");
    web.run = "echo " + name + " > name; exec python3 -m http.server 8080 " + "; : " + word_;
    web.ready = endpoint("127.0.0.1", 8080);
    auto plan = plan_with(
        {web}, {"echo up; until test -e /shared/go; do sleep 0.01; done",
                "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8080/"
                "name\").read().decode())'"});
    plan.workspace = {
        .lower = {}, .upper = root_ / name / "upper", .scratch = root_ / name / "scratch"};
    plan.log_directory = root_ / name / "log";
    plan.mounts = {{.host = shared, .inside = "/shared"}};
    auto running = start(plan);
    ASSERT_TRUE(running);
    jobs.push_back(*std::move(running));
  }
  const auto log_of = [&](const std::string& name) {
    return host::read_file(root_ / name / "log/log").value_or("");
  };
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (log_of("one") != "up\n" || log_of("two") != "up\n") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << log_of("one") << log_of("two");
    std::this_thread::sleep_for(2ms);
  }
  std::ofstream(shared / "go").close();
  struct : SandboxObserver {
    void command_started(std::uint32_t /*index*/) override {}
    void command_finished(std::uint32_t /*index*/, int /*exit_code*/) override {}
  } nobody;
  for (RunningSandbox& job : jobs) {
    const auto result = job.wait(nobody);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_code, 0) << result->reason;
  }
  EXPECT_EQ(log_of("one"), "up\none\n\n");
  EXPECT_EQ(log_of("two"), "up\ntwo\n\n");
}

}  // namespace
}  // namespace pipeline::sandbox
