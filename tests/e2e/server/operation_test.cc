// What an operator does with a server: watches it, lets a service manager run it, gives it a
// certificate. With the real tools on the other side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>

#include "pipelines/base/text.h"
#include "stages/host/unique_fd.h"
#include "tests/support/http/tcp.h"
#include "tests/support/running_server/certificate.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::Team;
using testing::HasSubstr;

class Operation : public Team {
 protected:
  support::Ran curl(const std::string& path, const std::string& options = "") {
    return product_.shell("curl --silent --show-error --max-time 60 " + options + " " + url() +
                          path);
  }
  std::string as_admin() const {
    return "--oauth2-bearer $(cat " + (server_home() / "admin.token").string() + ")";
  }
};

TEST_F(Operation, HealthAndMetricsAreThereToBeWatched) {
  EXPECT_EQ(curl("/healthz").out, "ok\n");
  EXPECT_EQ(curl("/readyz").out, "ready\n");
  EXPECT_THAT(curl("/metrics").out, HasSubstr("a token is needed"));
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"exit 3\"\n");
  start_agent("a", {"--slots", "3"});
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 1);
  const std::string metrics = curl("/metrics", as_admin()).out;
  for (const char* line :
       {"pipeline_runs_begun_total 1\n", "pipeline_runs_finished_total{status=\"failed\"} 1\n",
        "pipeline_jobs_finished_total{status=\"failed\"} 1\n",
        "pipeline_agents{state=\"ready\"} 1\n", "pipeline_agent_slots 3\n"})
    EXPECT_THAT(metrics, HasSubstr(line));
  const auto checked = product_.shell("curl --silent " + as_admin() + " " + url() +
                                      "/metrics | promtool check metrics");
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

TEST_F(Operation, WhatWaitsForAnAgentSaysForWhichOne) {
  push(
      "name = \"shop\"\n[[stage]]\nname = \"train\"\nrun = \"true\"\n"
      "agent = { labels = [\"gpu\"] }\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop", "--detach"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    return run({"show", "1"}).out.find("train waits: there is no agent with label gpu") !=
           std::string::npos;
  })) << run({"show", "1"}).out;
  auto followed = start({"attach", "1"});
  EXPECT_TRUE(eventually([&] {
    return followed.out().find("\ntrain: there is no agent with label gpu\n") != std::string::npos;
  })) << followed.out();
  start_agent("b", {"--labels", "gpu"});
  EXPECT_EQ(followed.wait().exit_code, 0);
  EXPECT_THAT(run({"show", "1"}).out, testing::Not(HasSubstr("waits")));
}

TEST_F(Operation, ATokenSaysWhichLabelsItsAgentsMayHave) {
  const auto file = product_.root() / "windows.token";
  product_.write(
      file, run({"token", "add", "windows", "--scope", "agent", "--labels", "windows,x64"}).out);
  EXPECT_THAT(run({"token", "list"}).out, testing::ContainsRegex("windows +agent +windows, x64"));
  const auto refused =
      product_.run({"agent", "--server", url(), "--token-file", file.string(), "--data",
                    agent_home("w").string(), "--name", "w", "--labels", "production"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("this token is for no agent with label production\n"
                                     "hint: an agent that comes with it may have: windows, x64\n"));
  EXPECT_EQ(run({"token", "add", "bob", "--scope", "run", "--labels", "x64"}).exit_code, 2);
}

TEST_F(Operation, WhoChangedWhatIsKept) {
  EXPECT_EQ(run({"token", "add", "ann", "--scope", "read"}).exit_code, 0);
  EXPECT_NE(run({"token", "add", "ann", "--scope", "read"}).exit_code, 0);
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  EXPECT_EQ(run({"run", "--repo", "shop", "--detach"}).exit_code, 0);
  const std::string text = run({"audit"}).out;
  for (const char* part : {"ann: read", "refused, 409", "shop, hosted here", "run 1 of shop",
                           "POST /git/shop/git-receive-pack"})
    EXPECT_THAT(text, HasSubstr(part));
  kill_server();
  start_server();
  EXPECT_THAT(run({"audit", "--json"}).out, HasSubstr("\"who\":\"admin\""));
  const auto changed = product_.shell("python3 -c \"import sqlite3; sqlite3.connect('" +
                                      (server_home() / "pipeline.db").string() +
                                      "').execute('delete from audit')\" 2>&1");
  EXPECT_THAT(changed.out, HasSubstr("the audit log is only added to"));
}

TEST_F(Operation, PrometheusScrapesIt) {
  std::uint16_t port = 0;
  { const host::UniqueFd free = support::listen_on_loopback(port); }
  const std::string address = "127.0.0.1:" + std::to_string(port);
  product_.write(product_.root() / "prometheus.yml",
                 "scrape_configs:\n- job_name: pipeline\n  scrape_interval: 1s\n"
                 "  bearer_token_file: " +
                     (server_home() / "admin.token").string() +
                     "\n  static_configs:\n  - targets: ['" + url().substr(7) + "']\n");
  auto prometheus = product_.start_program(
      "/usr/bin/prometheus", {"--config.file=" + (product_.root() / "prometheus.yml").string(),
                              "--storage.tsdb.path=" + (product_.root() / "tsdb").string(),
                              "--web.listen-address=" + address});
  EXPECT_TRUE(eventually([&] {
    return product_
               .shell("curl --silent 'http://" + address +
                      "/api/v1/query?query=pipeline_runs_under_way'")
               .out.find("\"value\":[") != std::string::npos;
  })) << prometheus.err();
  prometheus.signal(SIGTERM);
  prometheus.wait();
}

TEST_F(Operation, HttpsWithACertificateThatIsRenewed) {
  const auto files = support::make_certificate(product_.root(), "localhost");
  stop_server();
  start_server({"--tls-certificate", files.certificates.string(), "--tls-key", files.key.string()});
  const std::string secure = "https://localhost" + url().substr(url().rfind(':'));
  const auto ask = [&](const std::filesystem::path& authority) {
    return product_
        .shell("curl --silent --show-error --cacert " + authority.string() + " " + secure +
               "/healthz 2>&1")
        .out;
  };
  EXPECT_EQ(ask(files.certificates), "ok\n");
  const auto runs =
      product_.run({"runs", "--server", secure, "--ca-file", files.certificates.string()});
  EXPECT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_THAT(product_.run({"runs", "--server", secure}).err, HasSubstr("certificate"));
  // Somebody renews it: nothing else is to be done.
  std::filesystem::create_directory(product_.root() / "new");
  const auto renewed = support::make_certificate(product_.root() / "new", "localhost");
  std::filesystem::rename(renewed.key, files.key);
  std::filesystem::copy_file(renewed.certificates, product_.root() / "authority.pem");
  std::filesystem::rename(renewed.certificates, files.certificates);
  EXPECT_TRUE(eventually([&] { return ask(product_.root() / "authority.pem") == "ok\n"; }));
}

TEST_F(Operation, WhatIsWrongWithACertificateIsSaidAtOnce) {
  stop_server();
  const auto served = product_.run({"serve", "--data", server_home().string(), "--tls-certificate",
                                    "none.pem", "--tls-key", "none.key"});
  EXPECT_EQ(served.exit_code, 2) << served.err;
  EXPECT_THAT(served.err, HasSubstr("none.pem cannot be used for TLS"));
  EXPECT_THAT(product_.run({"serve", "--tls-key", "none.key"}).err, HasSubstr("--tls-certificate"));
}

// A service manager hears when the server is ready and when it stops.
TEST_F(Operation, AServiceManagerHearsOfIt) {
  stop_server();
  const auto path = product_.root() / "notify";
  const host::UniqueFd ear(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(ear.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto heard = [&] {
    std::array<char, 64> bytes{};
    const auto size = ::recv(ear.get(), bytes.data(), bytes.size(), 0);
    return std::string(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  };
  product_.env()["NOTIFY_SOCKET"] = path.string();
  product_.env()["WATCHDOG_USEC"] = "200000";
  start_server();
  EXPECT_EQ(heard(), "READY=1");
  EXPECT_EQ(heard(), "WATCHDOG=1") << "from the thread that answers everybody";
  stop_server();
  std::string last = heard();
  while (last == "WATCHDOG=1") last = heard();
  EXPECT_EQ(last, "STOPPING=1");
}

// The socket is there before the server is: whoever calls starts it, and is answered.
TEST_F(Operation, AServiceManagerOpensItsSocket) {
  stop_server();
  std::uint16_t port = 0;
  { const host::UniqueFd free = support::listen_on_loopback(port); }
  auto manager = product_.start_program(
      "/usr/bin/systemd-socket-activate",
      {"--listen=127.0.0.1:" + std::to_string(port), product_.program().string(), "serve", "--data",
       server_home().string()});
  EXPECT_TRUE(eventually([&] {
    return product_.shell("curl --silent http://127.0.0.1:" + std::to_string(port) + "/healthz")
               .out == "ok\n";
  })) << manager.err();
  EXPECT_THAT(manager.err(), HasSubstr("what the service manager opened"));
  manager.signal(SIGTERM);
  EXPECT_EQ(manager.wait().exit_code, 0) << "it has become the server";
}

TEST_F(Operation, ItsUnitFilesAreWhatSystemdReads) {
  const std::string units = std::string(PIPELINE_UNITS) + "/";
  std::string files;
  for (const std::string unit :
       {"pipeline-server.service", "pipeline-server.socket", "pipeline-agent.service"}) {
    const auto copy = product_.root() / unit;
    const std::string program = product_.program().string();
    product_.shell(base::join(
        {"sed 's#/usr/bin/pipeline#", program, "#' ", units, unit, " > ", copy.string()}, ""));
    files.append(" ").append(copy.string());
  }
  const auto verified = product_.shell("systemd-analyze verify --man=no" + files);
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
}

}  // namespace
}  // namespace pipeline::e2e
