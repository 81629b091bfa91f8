// What an operator says of a server in server.toml, and what the server makes of it.
#include <gmock/gmock.h>

#include "stages/host/unique_fd.h"
#include "tests/support/http/tcp.h"
#include "tests/support/running_server/certificate.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::Ran;
using testing::AllOf;
using testing::HasSubstr;

class Settings : public support::Team {
 protected:
  void say(const std::string& settings) { product_.write(file(), settings); }
  std::filesystem::path file() const { return server_home() / "server.toml"; }
  Ran check(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"serve", "--check", "--data", server_home().string()});
    return product_.run(more);
  }
  // As `systemctl reload` does.
  void hang_up() {
    const Ran told =
        product_.shell("kill -HUP $(cat " + (server_home() / "server.lock").string() + ")");
    EXPECT_EQ(told.exit_code, 0) << told.err;
  }
  std::string with_names(std::string text) const {
    const std::string home = server_home().string();
    for (auto at = text.find(home); at != std::string::npos; at = text.find(home))
      text.replace(at, home.size(), "DATA");
    return text;
  }
};

TEST_F(Settings, OfItsDirectoryAreTaken) {
  stop_server();
  say("listen = \"127.0.0.1:1\"\n[agents]\nheartbeat = \"1s\"\n[jobs]\nlabels = [\"linux\"]\n");
  start_server();  // its --listen wins
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  start_agent("a");
  EXPECT_TRUE(eventually([&] { return run({"agents"}).out.find("ready") != std::string::npos; }));
  start_agent("b", {"--labels", "linux"});
  const Ran ran = run({"run", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(agent_home("b") / "mirrors"));
  EXPECT_FALSE(std::filesystem::exists(agent_home("a") / "mirrors")) << "it was here first";
}

TEST_F(Settings, SayWhoIsSpokenToOutside) {
  stop_server();
  product_.write(product_.root() / "mail.password", "secret\n");
  const std::string mail =
      "public_url = \"https://ci.example.org\"\n[mail]\nserver = \"smtps://mail.example.org\"\n"
      "from = \"ci@example.org\"\nuser = \"ci\"\npassword_file = \"" +
      (product_.root() / "mail.password").string() + "\"\n";
  const std::string login =
      "[login]\nissuer = \"https://id.example.org\"\nclient_id = \"pipeline\"\n";
  say(mail + login);
  product_.env()["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318";
  const Ran checked = check({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.out,
              AllOf(HasSubstr("leaves by smtps://mail.example.org, from ci@example.org"),
                    HasSubstr("through https://id.example.org, which sends people back to "
                              "https://ci.example.org/api/v1/login/oidc/callback"),
                    HasSubstr("go to 127.0.0.1:4318")));
  // A server that cannot do what it is told does not start.
  say(mail + login + "client_secret_file = \"/nowhere/to/be/found\"\n");
  product_.env()["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
  const Ran wrong = check({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.out, AllOf(HasSubstr("/nowhere/to/be/found"), HasSubstr("HTTP only")));
  const Ran served = product_.run({"serve", "--data", server_home().string()});
  EXPECT_THAT(served.err, HasSubstr("/nowhere/to/be/found"));
  EXPECT_NE(served.exit_code, 0);
}

TEST_F(Settings, AMistakeIsShownWithItsPlace) {
  stop_server();
  say("listen = \"127.0.0.1:8440\"\n[agents]\nlaese = \"45s\"\n");
  const Ran served = product_.run({"serve", "--data", server_home().string()});
  EXPECT_EQ(served.exit_code, 2);
  EXPECT_EQ(with_names(served.err),
            "error: unknown key \"laese\" in agents\n"
            " --> DATA/server.toml:3:1\n"
            "  |\n"
            "3 | laese = \"45s\"\n"
            "  | ^^^^^\n"
            "  = did you mean \"lease\"?\n"
            "\n"
            "1 error in DATA/server.toml\n");
  const Ran checked = check();
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_THAT(checked.out, HasSubstr("did you mean \"lease\"?"));
  EXPECT_THAT(check({"--json"}).out, HasSubstr("\"could_start\":false"));
  const Ran none =
      product_.run({"serve", "--data", server_home().string(), "--config", "none.toml"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("none.toml"));
}

TEST_F(Settings, ACheckSaysWhetherAServerCouldStart) {
  const Ran beside = check({"--listen", "127.0.0.1:" + std::to_string(port())});
  EXPECT_EQ(beside.exit_code, 0) << "the address is taken by this very server\n" << beside.out;
  EXPECT_THAT(beside.out, HasSubstr("this directory's server is running"));
  EXPECT_THAT(beside.out, HasSubstr("as this version has it"));
  stop_server();
  std::uint16_t taken = 0;
  const host::UniqueFd other = support::listen_on_loopback(taken);
  say("listen = \"127.0.0.1:" + std::to_string(taken) + "\"\n");
  const Ran in_the_way = check();
  EXPECT_EQ(in_the_way.exit_code, 2);
  EXPECT_THAT(in_the_way.out, HasSubstr("is taken by"));
  const Ran free = check({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(free.exit_code, 0) << free.out;
}

TEST_F(Settings, ACheckLeavesNothingBehind) {
  const auto data = product_.root() / "new" / "server";
  const Ran checked =
      product_.run({"serve", "--check", "--data", data.string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("is made at the first start"));
  EXPECT_FALSE(std::filesystem::exists(data.parent_path()));
}

TEST_F(Settings, ACheckLooksAtCertificates) {
  stop_server();
  const auto files = support::make_certificate(product_.root(), "localhost");
  const auto other = product_.root() / "other";
  std::filesystem::create_directory(other);
  const auto unrelated = support::make_certificate(other, "localhost");
  const auto with = [&](const std::filesystem::path& key) {
    say("[tls]\ncertificate = \"" + files.certificates.string() + "\"\nkey = \"" + key.string() +
        "\"\n");
    return check({"--listen", "127.0.0.1:0"});
  };
  const Ran good = with(files.key);
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_THAT(good.out, HasSubstr("more days"));
  const Ran bad = with(unrelated.key);
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.out, HasSubstr("cannot be used for TLS"));
}

TEST_F(Settings, ADatabaseOfANewerVersionIsNotTouched) {
  stop_server();
  product_.shell("python3 -c \"import sqlite3; sqlite3.connect('" +
                 (server_home() / "pipeline.db").string() +
                 "').execute('pragma user_version = 4711')\"");
  const Ran checked = check({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_THAT(checked.out, HasSubstr("of a newer version of pipeline"));
}

TEST_F(Settings, AreReadAgainWhenAskedTo) {
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  const auto says = [&](const std::string& text) {
    return eventually([&] { return server_said().find(text) != std::string::npos; });
  };
  say("[retenshun]\n");
  hang_up();
  EXPECT_TRUE(says("the settings stay as they are"));
  EXPECT_TRUE(says("did you mean \"retention\"?"));
  say("[retention]\nkeep_for = \"1d\"\n[agents]\nlease = \"1m\"\n");
  hang_up();
  EXPECT_TRUE(says("[retention] changed; [agents] changed, which a restart is needed for"))
      << server_said();
  EXPECT_EQ(run({"runs"}).exit_code, 0) << "it goes on";
}

// Two runs that ended long ago, and the newest of their pipeline.
TEST_F(Settings, OldRunsAreRemovedByTheServer) {
  start_agent("a");
  // Each of its own: what a kept run took over from an older one keeps that, too.
  for (int i = 0; i < 3; ++i) {
    push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"echo " + std::to_string(i) + "\"\n");
    EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  }
  stop_server();
  product_.shell("python3 -c \"import sqlite3; c = sqlite3.connect('" +
                 (server_home() / "pipeline.db").string() +
                 "'); c.execute('update runs set finished_at = finished_at - 8640000000000, "
                 "created_at = created_at - 8640000000000'); c.commit()\"");
  say("[retention]\nkeep_runs = 1\nkeep_for = \"1d\"\n");
  start_server();
  EXPECT_TRUE(eventually([&] { return run({"show", "1"}).exit_code != 0; })) << server_said();
  EXPECT_TRUE(eventually([&] {
    return server_said().find("removed 2 old runs") != std::string::npos;
  })) << server_said();
  EXPECT_EQ(run({"show", "3"}).exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
