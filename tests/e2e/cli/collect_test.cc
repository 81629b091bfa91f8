// What a job hands over is collected by a program with more rights than the job has. Whatever the
// job puts in the way of that, nothing of the host comes out and nothing hangs. Each trap is also
// tried on a collector without our care, `cp -rL` by the same user, which falls into it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;

constexpr const char* kSecret = "what only who started the run may read";
constexpr const char* kArtifact = R"(artifacts = [{ name = "demo", paths = ["dist/**"] }])";
constexpr const char* kOutput = R"(outputs = ["dist/"])";

class Collect : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(secret_.parent_path());
    std::ofstream(secret_) << kSecret;
    std::filesystem::permissions(secret_, std::filesystem::perms::owner_read);
  }
  // A job that does `trap` in the directory that it hands over.
  support::Ran run(const std::string& keys, const std::string& trap) {
    product_.write("pipeline.toml",
                   "name = \"demo\"\n[[stage]]\nname = \"trap\"\n"
                   "run = '''mkdir dist; cd dist; echo x > file; " +
                       trap + "'''\n" + keys + "\n");
    return product_.run({"run"});
  }
  // Neither what was kept of the run nor what one gets out of it has the secret.
  void expect_no_secret() {
    product_.run({"artifacts", "get", "last", "demo"});
    const auto found =
        product_.shell("grep -rl '" + std::string(kSecret) + "' . " + product_.home().string());
    EXPECT_EQ(found.out, "");
  }
  // What `cp -rL` makes of the same trap; ended after a second when it hangs.
  support::Ran careless(const std::string& trap) {
    return product_.shell("mkdir -p ../careless/dist && cd ../careless/dist && { " + trap +
                          "; } && cd .. && { timeout 1 cp -rL dist out; echo status $?; "
                          "cat out/* out/*/secret; }");
  }

  Product product_;
  std::filesystem::path secret_ = product_.root() / "private/secret";
};

TEST_F(Collect, ASymlinkToAFileOfTheHost) {
  const std::string trap = "ln -s " + secret_.string() + " link";
  const auto ran = run(kArtifact, trap);
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find("the symlink \"dist/link\" leads out of the artifact"), std::string::npos)
      << ran.out;
  expect_no_secret();
  EXPECT_NE(careless(trap).out.find(kSecret), std::string::npos);
}

TEST_F(Collect, ASymlinkToADirectoryOfTheHost) {
  const std::string trap = "ln -s " + secret_.parent_path().string() + " link";
  EXPECT_EQ(run(kArtifact, trap).exit_code, 1);
  expect_no_secret();
  EXPECT_NE(careless(trap).out.find(kSecret), std::string::npos);
}

// An output may hold any symlink, since none is followed: the next job meets it in its sandbox.
TEST_F(Collect, ASymlinkThatIsHandedOn) {
  const std::string trap = "ln -s " + secret_.string() + " link";
  const std::string next = "\n[[stage]]\nname = \"next\"\nrun = \"cat dist/link\"\n";
  const auto ran = run(kOutput + next, trap);
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find("dist/link: No such file or directory"), std::string::npos) << ran.out;
  expect_no_secret();
  EXPECT_NE(careless(trap).out.find(kSecret), std::string::npos);
}

TEST_F(Collect, ADirectoryThatIsALink) {
  const std::string trap = "(cd ..; rm -r dist; ln -s " + secret_.parent_path().string() + " dist)";
  const auto handed_on = run(kOutput, trap);
  EXPECT_EQ(handed_on.exit_code, 0) << "as a link, which is not followed: " << handed_on.out;
  expect_no_secret();
  for (const char* paths : {"dist/**", "dist/secret", "dist"}) {
    const auto ran =
        run(R"(artifacts = [{ name = "demo", paths = [")" + std::string(paths) + "\"] }]", trap);
    EXPECT_EQ(ran.exit_code, 1) << paths << "\n" << ran.out;
    expect_no_secret();
  }
  EXPECT_NE(careless(trap).out.find(kSecret), std::string::npos);
}

TEST_F(Collect, AFifo) {
  for (const char* keys : {kArtifact, kOutput}) {
    const auto ran = run(keys, "mkfifo pipe");
    EXPECT_EQ(ran.exit_code, 1) << ran.out;
    EXPECT_NE(ran.out.find("FIFO"), std::string::npos) << ran.out;
  }
  // Who opens one to read it waits for somebody to write.
  EXPECT_EQ(product_.shell("mkfifo pipe; timeout 1 cat pipe").exit_code, 124);
}

TEST_F(Collect, ASocket) {
  const std::string trap =
      "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind(\\\"socket\\\")\"";
  const auto ran = run(kArtifact, trap);
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find("is a socket"), std::string::npos) << ran.out;
}

// A job cannot make one, which is half of the answer; the other half is what collects, to which
// unit tests of stages/workspace give one.
TEST_F(Collect, ADeviceNode) {
  const std::string trap = "mknod zero c 1 5";
  const auto ran = run(kArtifact, trap);
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find("Operation not permitted"), std::string::npos) << ran.out;
  if (::geteuid() != 0) GTEST_SKIP() << "refused; that a device can be made only root can show";
  // It is taken along, and whoever reads what was collected never comes to an end, but for this one
  // whose output is limited to a megabyte.
  const auto control = careless(trap + "; ulimit -f 2048");
  EXPECT_EQ(control.out.size(), 1U << 20U) << control.err;
}

// With its own name for the file, a job could hand over what it may not read, were it followed with
// the collector's rights.
TEST_F(Collect, AHardLinkToAFileOfTheSystem) {
  const auto ran = run(kArtifact, "ln /etc/passwd link");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_EQ(product_.shell("touch a && ln a link").exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
