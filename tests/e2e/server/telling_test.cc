// What a server tells the world of its runs: the statuses of commits at forges, webhooks, chats,
// CDEvents and mail, to receivers that are as strict as the real ones (receiver.py), also when they
// or the server are away for a while; and how pipelines are, for whoever asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <regex>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "tests/support/running_server/certificate.h"
#include "tests/support/running_server/receiver.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace json = boost::json;
using support::eventually;
using support::Team;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kToken = "forge-token-of-tests";
const std::string kNotify = R"(
[[notify]]
on       = ["failure", "success"]
mail     = ["team@example.org"]
slack    = "TEAM_SLACK"
webhook  = { url = "CI_HOOK", key = "CI_KEY" }
cdevents = "CI_EVENTS"
)";

std::string pipeline_of(const std::string& command) {
  return "name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"" + command + "\"\n" + kNotify;
}

class Telling : public Team {
 protected:
  void SetUp() override {
    if (product_.shell("/usr/bin/python3 -c 'import aiosmtpd'").exit_code != 0)
      GTEST_SKIP() << "python3-aiosmtpd is not installed: nobody could be told";
  }

  // Somebody to be told; with a certificate by HTTPS, and mail by STARTTLS and a login.
  void start_receiver(const std::vector<std::string>& certificate = {}) {
    std::filesystem::create_directories(place());
    std::vector<std::string> arguments = {receiver_program(), place().string()};
    arguments.insert(arguments.end(), certificate.begin(), certificate.end());
    receiver_.emplace(product_.start_program("/usr/bin/python3", arguments));
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(place() / "ports"); }))
        << receiver_->err();
    std::ifstream ports(place() / "ports");
    ports >> web_ >> smtp_;
    scheme_ = certificate.empty() ? "http://127.0.0.1:" : "https://localhost:";
  }
  static std::string receiver_program() {
    return (std::filesystem::current_path() / "tests/e2e/server/receiver.py").string();
  }
  std::filesystem::path place() const { return product_.root() / "receiver"; }
  std::string receiver() const { return scheme_ + std::to_string(web_); }
  std::vector<std::string> mail_options() const {
    return {"--smtp", "smtp+plain://127.0.0.1:" + std::to_string(smtp_), "--mail-from",
            "ci@example.org"};
  }
  void restart_server(const std::vector<std::string>& more) {
    stop_server();
    start_server(more);
  }

  // What of that kind has come to the receiver.
  std::vector<json::value> taken(const std::string& kind) const {
    std::vector<json::value> found;
    for (const auto& line : base::split(host::read_file(place() / "taken").value_or(""), '\n')) {
      if (line.empty()) continue;
      json::value one = json::parse(line);
      if (one.at("kind").as_string() == kind) found.push_back(std::move(one));
    }
    return found;
  }
  // Also what is tried again after half a minute.
  bool come(const std::string& kind, std::size_t count) const {
    const auto has_come = [&] { return taken(kind).size() >= count; };
    return eventually(has_come) || eventually(has_come);
  }
  std::vector<std::string> states() const {
    std::vector<std::string> states;
    for (const json::value& one : taken("status"))
      states.emplace_back(one.at("body").at("state").as_string());
    return states;
  }
  bool ends_with(const std::string& state) const {
    return eventually([&] {
      const auto all = states();
      return !all.empty() && all.back() == state;
    });
  }

  void keep_secret(const std::string& name, const std::string& value) {
    product_.write(product_.root() / "value", value);
    const auto kept = product_.shell("PIPELINE_HOME=" + server_home().string() + " " +
                                     product_.program().string() + " secret set " + name +
                                     " --global < " + (product_.root() / "value").string());
    ASSERT_EQ(kept.exit_code, 0) << kept.err;
  }
  void keep_all_secrets() {
    keep_secret("TEAM_SLACK", receiver() + "/services/T000/B000/XXXX");
    keep_secret("CI_HOOK", receiver() + "/hook?team=a");
    keep_secret("CI_KEY", "a key to sign with");
    keep_secret("CI_EVENTS", receiver() + "/cdevents");
  }
  // The repository `shop` once more, as one that is at a forge which is called at the receiver.
  void add_far(const std::string& forge) {
    const std::string at = "http://any:" + token() + "@127.0.0.1:" + std::to_string(port());
    auto ran = run({"repo", "add", "far", "--url", at + "/git/shop", "--forge", forge});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    product_.write(product_.root() / "forge.token", std::string(kToken) + "\n");
    const std::string version = forge == "github" ? "v3" : forge == "gitlab" ? "v4" : "v1";
    ran = run({"repo", "set", "far", "--api-token-file", (product_.root() / "forge.token").string(),
               "--api-url", receiver() + "/" + forge + "/api/" + version});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("far: its commits' statuses go to " + receiver()));
  }
  int run_far() { return run({"run", "--repo", "far"}).exit_code; }
  std::string head() {
    std::string id = product_.git({"rev-parse", "HEAD"});
    id.erase(id.find_last_not_of('\n') + 1);
    return id;
  }
  support::Ran curl(const std::string& path, const std::string& options = "") {
    return product_.shell("curl --silent --show-error --max-time 60 " + options + " '" + url() +
                          path + "'");
  }
  std::string bearer() { return "--oauth2-bearer " + token(); }

  std::optional<support::Running> receiver_;
  unsigned web_ = 0;
  unsigned smtp_ = 0;
  std::string scheme_;
};

TEST_F(Telling, ForgesShowHowACommitIs) {
  start_receiver();
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"exit 3\"\n");
  start_agent("a");
  for (const std::string forge : {"github", "gitlab", "gitea", "forgejo"}) {
    std::filesystem::remove(place() / "taken");
    add_far(forge);
    EXPECT_EQ(run_far(), 1);
    const bool is_gitlab = forge == "gitlab";
    EXPECT_TRUE(ends_with(is_gitlab ? "failed" : "failure")) << forge << server_said();
    const json::value last = taken("status").back();
    EXPECT_EQ(last.at("commit").as_string(), head());
    EXPECT_EQ(last.at("repository").as_string(), is_gitlab ? "git%2Fshop" : "git/shop");
    EXPECT_EQ(last.at("body").at(is_gitlab ? "name" : "context").as_string(), "pipeline/shop");
    EXPECT_THAT(std::string(last.at("body").at("target_url").as_string()),
                HasSubstr(url() + "/api/v1/runs/"));
    EXPECT_THAT(std::string(last.at("body").at("description").as_string()),
                HasSubstr("failed: unit"));
    EXPECT_THAT(taken("refused"), IsEmpty());
    EXPECT_EQ(run({"repo", "remove", "far"}).exit_code, 0);
  }
  // The token is nowhere to be seen.
  EXPECT_THAT(run({"repo", "list", "--json"}).out, Not(HasSubstr(kToken)));
  EXPECT_THAT(run({"audit"}).out, AllOf(HasSubstr("a new token"), Not(HasSubstr(kToken))));
  EXPECT_EQ(product_.shell("grep -rl '" + std::string(kToken) + "' " + server_home().string()).out,
            "");
}

TEST_F(Telling, EveryReceiverIsToldInItsOwnWay) {
  start_receiver();
  keep_all_secrets();
  restart_server(mail_options());
  push(pipeline_of("exit 3"));
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 1);
  ASSERT_TRUE(come("mail", 1)) << server_said();
  ASSERT_TRUE(come("slack", 1)) << server_said();
  ASSERT_TRUE(come("webhook", 1)) << server_said();
  ASSERT_TRUE(come("cdevent", 5)) << server_said();
  EXPECT_THAT(taken("refused"), IsEmpty());

  const json::value mail = taken("mail").front();
  EXPECT_EQ(mail.at("subject").as_string(), "shop: run 1 on main failed");
  EXPECT_EQ(mail.at("sender").as_string(), "ci@example.org");
  EXPECT_EQ(json::serialize(mail.at("to")), R"(["team@example.org"])");
  EXPECT_TRUE(mail.at("defects").as_array().empty());
  EXPECT_THAT(std::string(mail.at("text").as_string()),
              AllOf(HasSubstr("unit        failed: "), HasSubstr(url() + "/api/v1/runs/1")));
  EXPECT_THAT(std::string(taken("slack").front().at("text").as_string()),
              HasSubstr("shop: run 1 on main failed"));
  const json::value hook = taken("webhook").front().at("body");
  EXPECT_EQ(hook.at("type").as_string(), "run.finished");
  EXPECT_EQ(hook.at("data").at("status").as_string(), "failed");
  EXPECT_EQ(hook.at("data").at("repository").as_string(), "shop");
  std::vector<std::string> types;
  for (const json::value& one : taken("cdevent"))
    types.emplace_back(one.at("body").at("context").at("type").as_string());
  EXPECT_THAT(
      types,
      ElementsAre("dev.cdevents.pipelinerun.queued.0.3.0", "dev.cdevents.pipelinerun.started.0.3.0",
                  "dev.cdevents.taskrun.started.0.3.0", "dev.cdevents.taskrun.finished.0.3.0",
                  "dev.cdevents.pipelinerun.finished.0.3.0"));

  const std::string text = run({"notices"}).out;
  EXPECT_THAT(text, AllOf(HasSubstr("mail team@example.org"), HasSubstr("webhook CI_HOOK"),
                          HasSubstr("shop: run 1 on main failed"), HasSubstr("sent")));
  const auto metrics = [this] { return curl("/metrics", bearer()).out; };
  EXPECT_TRUE(eventually([&] {
    return metrics().find("pipeline_notices{state=\"sent\"} 8\n") != std::string::npos;
  })) << metrics();
  EXPECT_THAT(metrics(), AllOf(HasSubstr("pipeline_notices_sent_total{channel=\"mail\"} 1\n"),
                               HasSubstr("pipeline_notices{state=\"waiting\"} 0\n")));
}

TEST_F(Telling, NothingIsLostWhenReceiverAndServerAreAway) {
  start_receiver();
  keep_all_secrets();
  push(pipeline_of("true"));
  start_agent("a");
  std::ofstream(place() / "down") << "";
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] {
    return server_said().find("webhook CI_HOOK is not told of run 1") != std::string::npos;
  })) << server_said();
  EXPECT_THAT(run({"notices", "--state", "waiting"}).out, HasSubstr("again at "));
  kill_server();
  std::filesystem::remove(place() / "down");
  start_server();
  ASSERT_TRUE(come("webhook", 1)) << server_said();
  ASSERT_TRUE(come("slack", 1)) << server_said();
  ASSERT_TRUE(come("cdevent", 5)) << server_said();
  EXPECT_TRUE(eventually([&] {
    return run({"notices", "--state", "waiting"}).out == "nobody was told of anything yet\n";
  })) << run({"notices"}).out;
  EXPECT_EQ(taken("webhook").size(), 1U);
  EXPECT_EQ(taken("cdevent").size(), 5U);
}

TEST_F(Telling, OverTlsWithALogin) {
  const auto files = support::make_certificate(product_.root(), "localhost");
  start_receiver({files.certificates.string(), files.key.string()});
  keep_all_secrets();
  product_.write(product_.root() / "mail.password", "mail-password\n");
  const std::vector<std::string> options = {"--smtp",
                                            "smtp://localhost:" + std::to_string(smtp_),
                                            "--mail-from",
                                            "ci@example.org",
                                            "--smtp-user",
                                            "ci",
                                            "--smtp-password-file",
                                            (product_.root() / "mail.password").string()};
  push(pipeline_of("true"));
  start_agent("a");
  // A certificate that nobody has vouched for is not spoken to.
  restart_server(options);
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  for (const char* receiver : {"mail to team@example.org", "webhook CI_HOOK"})
    EXPECT_TRUE(eventually([&] {
      return server_said().find(std::string(receiver) + " is not told of run 1") !=
             std::string::npos;
    })) << server_said();
  EXPECT_EQ(host::read_file(place() / "taken").value_or(""), "");
  stop_server();
  product_.env()["SSL_CERT_FILE"] = files.certificates.string();
  start_server(options);
  ASSERT_TRUE(come("mail", 1)) << server_said();
  ASSERT_TRUE(come("webhook", 1)) << server_said();
  EXPECT_TRUE(taken("mail").front().at("tls").as_bool());
  EXPECT_TRUE(taken("mail").front().at("login").as_bool());
  EXPECT_THAT(taken("refused"), IsEmpty());
}

TEST_F(Telling, AMailboxThatIsNotThereIsGivenUp) {
  start_receiver();
  product_.write(server_home() / "server.toml",
                 "[mail]\nserver = \"smtp+plain://127.0.0.1:" + std::to_string(smtp_) +
                     "\"\nfrom = \"ci@example.org\"\n");
  restart_server({});
  push(
      "name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n[[notify]]\n"
      "on = [\"success\"]\nmail = [\"nobody@example.org\"]\nbranches = [\"main\"]\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    return server_said().find("mail to nobody@example.org is not told of run 1") !=
           std::string::npos;
  })) << server_said();
  EXPECT_THAT(server_said(), AllOf(HasSubstr("550"), HasSubstr("given up")));
  EXPECT_THAT(run({"notices", "--state", "failed"}).out, HasSubstr("nobody@example.org"));
  EXPECT_TRUE(eventually([&] {
    return run({"doctor"}).out.find("1 given up") != std::string::npos;
  })) << run({"doctor"}).out;
}

TEST_F(Telling, TracesGoWhereTheEnvironmentOfTheServerSays) {
  support::Receiver traces;
  stop_server();
  product_.env()["OTEL_EXPORTER_OTLP_ENDPOINT"] = traces.url() + "/otlp";
  start_server();
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"echo at $TRACEPARENT\"\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return !traces.received().empty(); })) << server_said();
  const auto received = traces.received().front();
  EXPECT_EQ(received.path, "/otlp/v1/traces");
  EXPECT_THAT(received.body, HasSubstr(R"("name":"RUN shop")"));
  // The job on the agent knew its own place in it.
  const std::string log = run({"logs", "1", "unit"}).out;
  std::smatch place;
  ASSERT_TRUE(std::regex_search(log, place, std::regex("at 00-([0-9a-f]{32})-([0-9a-f]{16})-01")))
      << log;
  EXPECT_THAT(received.body, HasSubstr("\"traceId\":\"" + place[1].str() + "\",\"spanId\":\"" +
                                       place[2].str() + "\",\"name\":\"unit\""));
  EXPECT_THAT(run({"notices"}).out, HasSubstr("shop: the trace of run 1"));
}

TEST_F(Telling, HowPipelinesAreIsForThoseWhoMayKnow) {
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  EXPECT_THAT(curl("/badges/shop/shop.svg", "-i").out, HasSubstr("401"));
  EXPECT_THAT(curl("/badges/none/shop.svg", "-i").out, HasSubstr("401"));
  EXPECT_THAT(curl("/cctray.xml").out, Not(HasSubstr("<Project ")));
  EXPECT_THAT(curl("/cctray.xml", "--oauth2-bearer wrong -i").out, HasSubstr("401"));
  EXPECT_THAT(curl("/badges/none/shop.svg", bearer() + " -i").out, HasSubstr("404"));
  EXPECT_THAT(curl("/badges/shop/shop.svg", bearer()).out, HasSubstr("passing"));
  // The token as a password, for what knows nothing else.
  const std::string feed = curl("/cctray.xml", "--user any:" + token()).out;
  EXPECT_THAT(feed, HasSubstr("name=\"shop/shop (main)\" activity=\"Sleeping\" "
                              "lastBuildStatus=\"Success\" lastBuildLabel=\"1\""));
  product_.write(product_.root() / "feed.xml", feed);
  const auto parsed = product_.shell(
      "/usr/bin/python3 -c \"import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); "
      "print(d.documentElement.tagName, len(d.getElementsByTagName('Project')))\" " +
      (product_.root() / "feed.xml").string());
  EXPECT_EQ(parsed.out, "Projects 1\n") << parsed.err;

  EXPECT_EQ(run({"repo", "set", "shop", "--public-status", "yes"}).out,
            "shop: badges and /cctray.xml are for everybody\n");
  const std::string badge = curl("/badges/shop/shop.svg", "-i").out;
  EXPECT_THAT(badge, AllOf(HasSubstr("200 OK"), HasSubstr("image/svg+xml"), HasSubstr("passing"),
                           HasSubstr("Cache-Control: public, no-cache")));
  const auto mark = badge.find("ETag: ");
  ASSERT_NE(mark, std::string::npos);
  const std::string tag = badge.substr(mark + 6, badge.find('\r', mark) - mark - 6);
  EXPECT_THAT(curl("/badges/shop/shop.svg", "-i -H 'If-None-Match: " + tag + "'").out,
              HasSubstr("304"));
  EXPECT_THAT(curl("/badges/shop/other.svg?branch=topic&label=%3Cb%3E").out,
              AllOf(HasSubstr("unknown"), HasSubstr("&lt;b&gt;")));
  EXPECT_THAT(curl("/cctray.xml").out, HasSubstr("<Project "));
}

TEST_F(Telling, WhatCannotBeIsSaid) {
  EXPECT_THAT(run({"repo", "set", "shop"}).err, HasSubstr("nothing is to be set"));
  EXPECT_THAT(run({"repo", "set", "none", "--public-status", "no"}).err,
              HasSubstr("no such repository"));
  EXPECT_THAT(run({"repo", "set", "shop", "--api-url", "https://x/api"}).err,
              HasSubstr("shop is of no forge"));
  const auto served = [this](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"serve", "--data", (product_.root() / "other").string(),
                                          "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return product_.run(arguments).err;
  };
  EXPECT_THAT(served({"--smtp", "mail.example.org", "--mail-from", "a@b.org"}),
              HasSubstr("is not the address of a mail server"));
  EXPECT_THAT(served({"--smtp", "smtp://mail", "--mail-from", "nobody"}),
              HasSubstr("is no address of mail"));
  EXPECT_THAT(served({"--public-url", "ci.example.org"}), HasSubstr("is not the address of a"));
}

}  // namespace
}  // namespace pipeline::e2e
