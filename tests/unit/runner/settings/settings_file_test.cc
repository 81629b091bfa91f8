#include "runner/settings/settings_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "runner/settings/reference.h"
#include "runner/settings/server_tables.h"
#include "runner/settings/settings_change.h"
#include "tests/support/golden.h"

namespace pipeline::settings {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

ServerSettings read(const std::string& text) {
  auto result = read_settings(text);
  EXPECT_TRUE(result.settings.has_value())
      << config::render(result.diagnostics, {{"server.toml", text}}, config::Color::no);
  return result.settings.value_or(ServerSettings{});
}

TEST(SettingsFile, NothingSaidIsWhatHoldsWithoutAFile) {
  EXPECT_EQ(read(""), ServerSettings{});
}

TEST(SettingsFile, ReadsEveryTable) {
  const ServerSettings settings = read(R"(
    listen = "[::1]:9000"
    public_url = "https://ci.example.org/"
    [tls]
    certificate = "/etc/pipeline/server.pem"
    key = "/etc/pipeline/server.key"
    [agents]
    lease = "2m"
    heartbeat = "20s"
    [limits]
    connections = 100
    wrong_tokens = 0.5
    [jobs]
    labels = ["linux", "x86"]
    [retention]
    keep_for = "7d"
    keep_size = "20GB"
    [mail]
    server = "smtps://mail.example.org"
    from = "ci@example.org"
    user = "ci"
    password_file = "/etc/pipeline/mail"
    [login]
    issuer = "https://id.example.org/"
    client_id = "pipeline"
    scopes = ["groups"])");
  EXPECT_EQ(settings.listen, (host::Address{"::1", 9000}));
  EXPECT_EQ(settings.public_url, "https://ci.example.org");
  EXPECT_EQ(settings.tls.value().key, "/etc/pipeline/server.key");
  EXPECT_EQ(settings.agents.lease, 2min);
  EXPECT_EQ(settings.agents.poll, server::AgentTimes().poll) << "what is not said stays";
  EXPECT_EQ(settings.limits.http.connections, 100U);
  EXPECT_EQ(settings.limits.strangers, (api::Rate{0.5, api::kStrangerRate.burst}));
  EXPECT_EQ(settings.jobs.labels, (std::vector<std::string>{"linux", "x86"}));
  EXPECT_EQ(settings.retention.value().policy.keep_for, 24h * 7);
  EXPECT_EQ(settings.retention.value().policy.keep_runs, retention::Policy().keep_runs);
  EXPECT_EQ(settings.retention.value().policy.keep_bytes, 20'000'000'000U);
  EXPECT_EQ(settings.mail, (MailSettings{"smtps://mail.example.org", "ci@example.org", "ci",
                                         "/etc/pipeline/mail"}));
  EXPECT_EQ(settings.login.value().issuer, "https://id.example.org/") << "as it calls itself";
  EXPECT_EQ(settings.login.value().scopes, std::vector<std::string>{"groups"});
  EXPECT_EQ(settings.login.value().groups_claim, "groups");
}

// Each tests/golden/settings/X.toml has its X.txt.
TEST(SettingsFile, ShowsEveryClassOfMistake) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator("tests/golden/settings"))
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  ASSERT_GE(files.size(), 4U);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file);
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto result = read_settings(text);
    EXPECT_FALSE(result.settings);
    EXPECT_TRUE(support::matches_golden(
        "settings/" + file.stem().string() + ".txt",
        config::render(result.diagnostics, {{"server.toml", text}}, config::Color::no)));
  }
}

std::string defaults_of(const config::TableShape& table) {
  std::string text;
  for (const config::Key& key : table.keys())
    if (key.fallback()) text += key.name() + " = " + boost::json::serialize(*key.fallback()) + "\n";
  return text;
}

bool asks_for_something(const config::TableShape& table) {
  return std::ranges::any_of(table.keys(), &config::Key::is_required);
}

TEST(ServerTables, TellTheDefaultsThatHold) {
  std::string text = defaults_of(server_table());
  for (const Part& part : parts()) {
    if (part.table == nullptr || asks_for_something(*part.table)) continue;
    text += "[" + part.name + "]\n" + defaults_of(*part.table);
  }
  ServerSettings all;
  all.retention.emplace();
  EXPECT_EQ(read(text), all) << text;
}

TEST(ServerTables, EveryKeyOfTheTopIsAPart) {
  std::vector<std::string> keys;
  std::vector<std::string> names;
  for (const config::Key& key : server_table().keys()) keys.push_back(key.name());
  for (const Part& part : parts()) names.push_back(part.name);
  EXPECT_EQ(keys, names);
}

TEST(SettingsSchema, IsWhatEditorsGet) {
  EXPECT_TRUE(support::matches_golden("settings/schema.json", settings_schema()));
}

TEST(SettingsReference, IsThePageThatIsRead) {
  EXPECT_TRUE(support::matches_golden("../../runner/serve/SERVER_TOML.md", settings_reference()));
}

TEST(SettingsChange, SaysWhatHoldsWhen) {
  const ServerSettings before;
  EXPECT_EQ(change_between(before, before).sentence(), "nothing of the settings has changed");
  ServerSettings after;
  after.retention.emplace();
  EXPECT_EQ(change_between(before, after).sentence(), "[retention] changed");
  after.listen.port = 1;
  after.agents.lease = 1min;
  EXPECT_EQ(change_between(before, after).sentence(),
            "[retention] changed; listen, [agents] changed, which a restart is needed for");
}

}  // namespace
}  // namespace pipeline::settings
