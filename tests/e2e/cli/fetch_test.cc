// pipeline run --repo URL: a real git over TLS, and file://.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

std::string file(const std::string& command) {
  return "name = \"demo\"\n[[stage]]\nname = \"only\"\nrun = '" + command + "'\n";
}

// A product whose repository is also pushed to a server, with a certificate that the machine does
// not trust.
class Https : public testing::Test {
 protected:
  void SetUp() override {
    product_.write("pipeline.toml", file("cat version"));
    product_.write("version", "one\n");
    product_.shell("head -c 1000000 /dev/urandom > big");
    product_.commit();
    must("git init -q --bare -b main ../served/demo.git && git push -q ../served/demo.git main");
    must(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-keyout ../key.pem -out ../certificate.pem -subj /CN=127.0.0.1 "
        "-addext subjectAltName=DNS:127.0.0.1,IP:127.0.0.1 2>&1");
    const std::string root = product_.root().string();
    server_.emplace(product_.start_program(
        "python3", {PIPELINE_GIT_SERVER, root + "/served", root + "/certificate.pem",
                    root + "/key.pem", root + "/requests"}));
    ASSERT_TRUE(eventually([this] { return server_->out().ends_with('\n'); }));
    std::istringstream(server_->out()) >> port_;
  }
  void must(const std::string& command) {
    const auto ran = product_.shell(command);
    ASSERT_EQ(ran.exit_code, 0) << command << "\n" << ran.out << ran.err;
  }
  void trust() { product_.env()["SSL_CERT_FILE"] = (product_.root() / "certificate.pem").string(); }
  std::string url(const std::string& path = "/demo.git") const {
    return "https://127.0.0.1:" + std::to_string(port_) + path;
  }
  support::Ran run(const std::string& url) { return product_.run({"run", "--repo", url}); }
  std::string normalised(std::string text) const {
    text = product_.normalised(std::move(text));
    const std::string port = std::to_string(port_);
    for (auto at = text.find(port); at != std::string::npos; at = text.find(port)) {
      text.replace(at, port.size(), "PORT");
    }
    return text;
  }
  // Bytes of the packs that were sent so far.
  std::size_t packed() const {
    std::ifstream log(product_.root() / "requests");
    std::size_t sum = 0;
    std::size_t status = 0;
    std::size_t bytes = 0;
    for (std::string path; log >> status >> bytes >> path;) {
      if (path == "/demo.git/git-upload-pack") sum += bytes;
    }
    return sum;
  }
  // A lock file of one that was not made may stay.
  bool has_mirror() const {
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(product_.home() / "mirrors", none)) {
      if (entry.is_directory()) return true;
    }
    return false;
  }

  Product product_;
  std::optional<support::Running> server_;
  int port_ = 0;
};

TEST_F(Https, FetchesWhatIsThereAndThenOnlyWhatIsNew) {
  trust();
  const auto first = run(url());
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_EQ(normalised(first.err), "fetching https://127.0.0.1:PORT/demo.git\n");
  EXPECT_EQ(product_.run({"logs", "1", "only"}).out, "one\n");
  const std::size_t whole = packed();
  EXPECT_GT(whole, 1'000'000U);

  product_.write("version", "two\n");
  product_.commit();
  must("git push -q ../served/demo.git main");
  const auto second = run(url());
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(product_.run({"logs", "2", "only"}).out, "two\n");
  EXPECT_LT(packed() - whole, 10'000U) << "the second fetch is of one small file";
  EXPECT_EQ(run(url()).exit_code, 0);
  EXPECT_TRUE(has_mirror());
}

TEST_F(Https, ShowsProgressOnATerminal) {
  trust();
  const auto ran = product_.shell("TERM=xterm script -qec '" + product_.program().string() +
                                  " run --repo " + url() + "' /dev/null");
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, testing::ContainsRegex("demo.git  [0-9]+ of [0-9]+ objects"));
}

TEST_F(Https, ACertificateThatNobodyTrustsIsRefused) {
  const auto ran = run(url());
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(matches_golden("e2e/https_untrusted.txt", normalised(ran.err)));
  EXPECT_EQ(packed(), 0U);
}

TEST_F(Https, ACertificateOfAnotherHostIsRefused) {
  trust();
  const auto ran = run("https://localhost:" + std::to_string(port_) + "/demo.git");
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  EXPECT_NE(ran.err.find("certificate"), std::string::npos) << ran.err;
  EXPECT_EQ(packed(), 0U);
}

TEST_F(Https, AnUnreadableFileOfCertificatesIsNamed) {
  product_.env()["SSL_CERT_FILE"] = "/nonexistent/certificates.pem";
  const auto ran = run(url());
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(matches_golden("e2e/https_no_certificates.txt", normalised(ran.err)));
}

TEST_F(Https, AUrlThatIsWrongIsSaidAndLeavesNothing) {
  trust();
  const auto ran = run(url("/dmeo.git"));
  EXPECT_EQ(ran.exit_code, 2) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/https_wrong_url.txt", normalised(ran.err)));
  EXPECT_EQ(product_.run({"runs"}).out, "no runs yet; pipeline run makes one\n");
  EXPECT_FALSE(has_mirror());
}

TEST_F(Https, AServerThatStallsIsGivenUp) {
  trust();
  const auto ran = run(url("/stalls/demo.git"));
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(matches_golden("e2e/https_stalls.txt", normalised(ran.err)));
}

TEST_F(Https, AServerThatIsGoneIsSaid) {
  trust();
  server_->signal(SIGKILL);
  server_->wait();
  const auto ran = run(url());
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(matches_golden("e2e/https_gone.txt", normalised(ran.err)));
}

TEST(FileUrl, IsARepositoryOfThisMachine) {
  Product product;
  product.write("pipeline.toml", file("cat version"));
  product.write("version", "one\n");
  product.commit();
  const std::string url = "file://" + product.repository().string();
  const auto first = product.run_in(product.root(), {"run", "--repo", url});
  EXPECT_EQ(first.exit_code, 0) << first.out << first.err;
  product.write("version", "two\n");
  product.commit();
  const auto second = product.run_in(product.root(), {"run", "--repo", url, "--ref", "main"});
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(product.run({"logs", "1", "only"}).out, "one\n");
  EXPECT_EQ(product.run({"logs", "2", "only"}).out, "two\n");
}

TEST(FileUrl, OfAnotherHostIsRefused) {
  Product product;
  const auto ran = product.run({"run", "--repo", "file://server/repository"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.err,
            "error: file://server/repository names another host\n"
            "hint: write file:///path/to/repository\n");
}

}  // namespace
}  // namespace pipeline::e2e
