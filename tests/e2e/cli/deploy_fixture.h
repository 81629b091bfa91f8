// A shop that is deployed by the program: its server, its smoke test, its pipeline, and what users
// get of it. Real HAProxy, real instances.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/support/http/http_load.h"
#include "tests/support/port_block.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {

// Answers with its release; is broken when the artifact says so. Lets its smoke test wait as long
// as the file HOLD is there.
inline constexpr const char* kServer = R"(import http.server, os, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        while self.path == "/smoke" and os.path.exists(os.environ["HOLD"]):
            time.sleep(0.01)
        broken = self.path == "/smoke" and os.path.exists("broken")
        body = ("release %s\n" % os.environ["RELEASE"]).encode()
        self.send_response(500 if broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
)";

inline constexpr const char* kSmoke = R"(import os, urllib.request
print(urllib.request.urlopen(os.environ["PREVIEW_URL"] + "/smoke").read())
)";

// Ports of this process alone, below the range that the kernel hands out.
inline int first_port() {
  static const int port = support::claim_ports(20000, 26, 200);
  return port;
}

// What environments differ in: lines of their tables.
struct Staging {
  std::string hold = "/nonexistent";
  std::string settings{};
  std::string strategy = "kind = \"blue-green\"\n";
  std::string more{};  // stages, environments
};

inline std::string pipeline_file(int port, const Staging& staging = {}) {
  const auto text = [](int number) { return std::to_string(number); };
  return R"(name = "shop"
[[stage]]
name = "package"
run = "cp -r server dist"
artifacts = [{ name = "shop", paths = ["dist/**"] }]
[[stage]]
name = "staging"
kind = "deploy"
environment = "staging"
artifact = "shop"
[environment.staging]
instances = 2
start = "cd dist && HOLD=)" +
         staging.hold + R"( exec python3 server.py"
ports = ")" +
         text(port + 2) + "-" + text(port + 20) + R"("
health = { http = "/", interval = "50ms", rise = 1 }
drain = "2s"
)" + staging.settings +
         R"([environment.staging.switch]
listen = "127.0.0.1:)" +
         text(port) + R"("
preview = "127.0.0.1:)" +
         text(port + 1) + R"("
[environment.staging.strategy]
)" + staging.strategy +
         R"([[environment.staging.gate]]
kind = "smoke"
run = ["python3 smoke.py"]
timeout = "30s"
)" + staging.more;
}

class Deploy : public testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    product_.write("pipeline.toml", pipeline_file(port_));
    product_.write("server/server.py", kServer);
    product_.write("smoke.py", kSmoke);
    product_.commit();
  }
  // Whatever a test has left behind.
  void TearDown() override { product_.run({"stop", "staging"}); }

  support::HttpLoad::Options load() const {
    return {.port = static_cast<std::uint16_t>(port_), .workers = 2};
  }
  support::Ran deploy_something_new(const std::string& name = "change") {
    product_.write("server/" + name, std::to_string(++changes_));
    product_.commit();
    return product_.run({"run"});
  }
  // "shop@DIGEST", as the last run made it.
  std::string last_artifact() {
    const std::string listed = product_.run({"artifacts", "last"}).out;
    return listed.substr(listed.find("shop@"), 69);
  }
  // Every request of the load was answered well, and the last ones by `release`.
  void expect_served_by(int release, support::HttpLoad& load) {
    load.await_requests(20);
    const auto before = load.so_far();
    load.await_requests(20);
    const auto after = load.stop();
    EXPECT_EQ(after.failed, 0U) << after.first_failure;
    const std::string answer = "release " + std::to_string(release) + "\n";
    const auto count = [&](const auto& result) {
      return result.by_answer.contains(answer) ? result.by_answer.at(answer) : 0;
    };
    EXPECT_GE(count(after), count(before) + 10) << "release " << release << " does not serve";
  }
  std::string normalised(std::string text) const {
    const auto replace = [&text](const std::string& what, const std::string& with) {
      for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
      }
    };
    for (int offset = 0; offset <= 20; ++offset) {
      replace(std::to_string(port_ + offset), "PORT");  // which of them is first healthy is chance
    }
    return product_.normalised(text);
  }

  const int port_ = first_port();
  int changes_ = 0;
  support::Product product_;
};

}  // namespace pipeline::e2e
