// `pipeline doctor --server`: what a client sees of a server, and what the server says of itself.
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "tests/support/running_server/certificate.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace json = boost::json;
using support::eventually;
using support::Ran;
using testing::HasSubstr;
using testing::Not;

class Doctor : public support::Team {
 protected:
  Ran doctor(std::vector<std::string> more = {}) {
    more.insert(more.begin(), "doctor");
    return run(more);
  }
  // Whether the doctor comes to say so.
  bool comes_to_say(const std::string& text) {
    return eventually([&] { return doctor().out.find(text) != std::string::npos; });
  }
  // As an agent of an earlier release would.
  void register_agent(const std::string& hello) {
    const Ran asked =
        product_.shell("curl --silent --fail --header 'Authorization: Bearer " + token() +
                       "' --data '" + hello + "' " + url() + "/api/v1/agents");
    EXPECT_EQ(asked.exit_code, 0) << asked.err;
  }
};

TEST_F(Doctor, OfAServerThatIsWell) {
  start_agent("a");
  EXPECT_TRUE(comes_to_say("agent a"));
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  for (const char* part :
       {"good  server", "answers, in", "as here", "admin, which may admin", "this machine's agree",
        "are free", "as this version has it", "ready, last heard of", "all can fire",
        "all can be fetched", "none waits for a receiver that failed"})
    EXPECT_THAT(ran.out, HasSubstr(part));
  const Ran as_json = doctor({"--json"});
  const json::value told = json::parse(as_json.out);
  EXPECT_TRUE(told.at("works").as_bool());
  EXPECT_GE(told.at("findings").as_array().size(), 8U);
}

TEST_F(Doctor, ThatCannotBeReachedOrDoesNotKnowUs) {
  const Ran stranger = [&] {
    product_.env()["PIPELINE_TOKEN"] = "nobodys";
    return doctor();
  }();
  EXPECT_EQ(stranger.exit_code, 3);
  EXPECT_THAT(stranger.out, HasSubstr("bad   token"));
  EXPECT_THAT(stranger.out, HasSubstr("next: pipeline token add"));
  stop_server();
  const Ran away = doctor();
  EXPECT_EQ(away.exit_code, 3);
  EXPECT_THAT(away.out, HasSubstr("bad   server"));
  EXPECT_THAT(away.out, HasSubstr("next: systemctl status pipeline-server"));
}

TEST_F(Doctor, SeesWhatDoesNotWorkOnTheServer) {
  push(
      "name = \"shop\"\n[triggers]\nschedule = [{ name = \"n\", cron = \"x\" }]\n"
      "[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  EXPECT_EQ(run({"repo", "add", "far", "--url", (product_.root() / "none").string()}).exit_code, 0);
  register_agent(R"({"agent": "old", "program": "0.0.1", "slots": 1})");
  EXPECT_TRUE(comes_to_say("pipeline.toml has mistakes: no schedule of it fires"));
  EXPECT_TRUE(comes_to_say("bad   repositories"));
  const Ran ran = doctor();
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.out, HasSubstr("far: "));
  EXPECT_THAT(ran.out, HasSubstr("version 0.0.1"));
  EXPECT_THAT(ran.out, HasSubstr("next: install version"));
}

TEST_F(Doctor, SaysHowLongACertificateHolds) {
  const auto files = support::make_certificate(product_.root(), "localhost");
  stop_server();
  start_server({"--tls-certificate", files.certificates.string(), "--tls-key", files.key.string()});
  const std::string secure = "https://localhost" + url().substr(url().rfind(':'));
  const Ran trusted =
      product_.run({"doctor", "--server", secure, "--ca-file", files.certificates.string()});
  EXPECT_THAT(trusted.out, HasSubstr("CN = localhost, by CN = localhost, for "));
  const Ran distrusted = product_.run({"doctor", "--server", secure});
  EXPECT_EQ(distrusted.exit_code, 3);
  EXPECT_THAT(distrusted.out, HasSubstr("no trust in"));
  EXPECT_THAT(distrusted.out, HasSubstr("CN = localhost, by CN = localhost, for "))
      << "also of one that is not trusted";
}

TEST_F(Doctor, OfTheDirectoryOfAServer) {
  const Ran beside = product_.run({"doctor", "--data", server_home().string()});
  EXPECT_THAT(beside.out, HasSubstr("as this version has it"));
  const Ran none = product_.run({"doctor", "--data", (product_.root() / "none").string()});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("is no state directory"));
  EXPECT_EQ(doctor({"--data", "x"}).exit_code, 2) << "one of both";
}

TEST_F(Doctor, AgentsTellOfTheirMachines) {
  start_agent("a");
  register_agent(R"({"agent": "old", "program": "0.0.1", "slots": 1})");
  EXPECT_TRUE(eventually([&] {
    return run({"agents", "--json"}).out.find("\"machine\":") != std::string::npos;
  }));
  const Ran text = run({"agents"});
  EXPECT_THAT(text.out, HasSubstr("disk free"));
  EXPECT_THAT(text.out, HasSubstr("old has version 0.0.1, the server "));
  EXPECT_THAT(text.out, Not(HasSubstr("a has version")));
}

TEST_F(Doctor, AnAgentThatIsLowOnDiskIsDrained) {
  stop_server();
  product_.write(server_home() / "server.toml", "[agents]\nleast_disk = \"1000TB\"\n");
  start_server();
  start_agent("a");
  EXPECT_TRUE(eventually([&] {
    return run({"agents"}).out.find("a takes no work: its disk has ") != std::string::npos;
  }));
  EXPECT_TRUE(comes_to_say("drained"));
}

}  // namespace
}  // namespace pipeline::e2e
