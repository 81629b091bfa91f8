// What users and machines do wrong: one line of cause, one of what to do, the right exit code, and
// nothing half-done left behind.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;
using support::Ran;

constexpr const char* kPipeline = R"(name = "demo"
[[stage]]
name = "build"
run = "mkdir dist && echo x > dist/x"
artifacts = [{ name = "demo", paths = ["dist/**"] }]
)";

void expect_two_lines(const Ran& ran) {
  EXPECT_TRUE(ran.err.starts_with("error: ")) << ran.err;
  EXPECT_NE(ran.err.find("\nhint: "), std::string::npos) << ran.err;
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 2) << ran.err;
}

TEST(BadInput, NotARepository) {
  Product product;
  const auto ran = product.run_in(product.root(), {"run"});
  EXPECT_EQ(ran.exit_code, 2);
  expect_two_lines(ran);
  EXPECT_TRUE(matches_golden("e2e/not_a_repository.txt", product.normalised(ran.err)));
}

TEST(BadInput, NoPipelineFile) {
  Product product;
  product.write("README", "");
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.err, "error: there is no pipeline file here\nhint: pipeline init writes one\n");
}

TEST(BadInput, ARepositoryThatDoesNotExist) {
  Product product;
  const auto ran = product.run({"run", "--repo", "/nonexistent/repository"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.err.find("error: ") != std::string::npos) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/no_such_repository.txt", product.normalised(ran.err)));
}

TEST(BadInput, UrlsAreShownWithoutWhatMayBeAToken) {
  Product product;
  for (const std::string url : {"http://me:s3cret@127.0.0.1:1/x", "ssh://me:s3cret@host/x",
                                "me:s3cret@host:x", "https://me:s3/cret@host/x"}) {
    const auto ran = product.run({"run", "--repo", url});
    EXPECT_EQ((ran.out + ran.err).find("s3"), std::string::npos) << ran.err;
    const bool is_fetched = url.starts_with("http://");
    EXPECT_EQ(ran.exit_code, is_fetched ? 3 : 2) << ran.err;
    EXPECT_EQ(ran.err.starts_with("fetching http://127.0.0.1:1/x\n"), is_fetched) << ran.err;
  }
}

TEST(BadInput, AnUnknownRef) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  product.commit();
  const auto ran = product.run({"run", "--ref", "nowhere"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/unknown_ref.txt", product.normalised(ran.err)));
}

TEST(BadInput, AnUnknownStage) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  const auto ran = product.run({"run", "--stage", "biuld"});
  EXPECT_EQ(ran.exit_code, 2);
  expect_two_lines(ran);
  EXPECT_NE(ran.err.find("did you mean \"build\"?"), std::string::npos) << ran.err;
  EXPECT_EQ(product.run({"runs"}).out, "no runs yet; pipeline run makes one\n");
}

TEST(BadInput, AnUnknownRun) {
  Product product;
  for (const char* command : {"show", "logs", "cancel", "retry", "artifacts"}) {
    const auto ran = product.run({command, "7"});
    EXPECT_EQ(ran.exit_code, 2) << command;
    EXPECT_EQ(ran.err, "error: there is no run 7\nhint: pipeline runs lists them\n") << command;
  }
  EXPECT_FALSE(std::filesystem::exists(product.home() / "runs/7"));
}

TEST(BadInput, AStateDirectoryThatCannotBeMade) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  product.env()["PIPELINE_HOME"] = "/sys/nowhere";
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 3);
  expect_two_lines(ran);
  EXPECT_NE(ran.err.find("PIPELINE_HOME"), std::string::npos) << ran.err;
}

// Whatever the kernel calls it: not the command line's fault, for root and for others.
TEST(BadInput, StateDirectoriesThatAreOfNoUse) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  std::ofstream(product.root() / "file") << "x";
  std::ofstream(product.root() / "program") << "x";
  std::filesystem::permissions(product.root() / "program", std::filesystem::perms(0755));
  std::filesystem::create_symlink("nowhere", product.root() / "dangling");
  const std::filesystem::path root = product.root();
  for (const std::filesystem::path& home :
       {std::filesystem::path("/proc/1/x"), std::filesystem::path("/dev/null"),
        std::filesystem::path("/dev/null/x"), root / "file", root / "file/x", root / "program",
        root / "dangling", root / std::string(300, 'x')}) {
    product.env()["PIPELINE_HOME"] = home.string();
    for (const char* command : {"run", "runs", "status"}) {
      const auto ran = product.run({command});
      EXPECT_EQ(ran.exit_code, 3) << command << " with " << home << ": " << ran.err;
      expect_two_lines(ran);
      EXPECT_NE(ran.err.find("PIPELINE_HOME"), std::string::npos) << ran.err;
    }
  }
}

TEST(BadInput, AStateDirectoryInWhichOtherThingsLie) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  std::filesystem::create_directories(product.home());
  std::ofstream(product.home() / "runs") << "x";
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 3) << ran.err;
  expect_two_lines(ran);
}

TEST(BadInput, NamesOfFilesThatCannotBeRead) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  std::filesystem::create_directories(product.repository() / "folder.toml");
  for (const char* file : {"absent.toml", "pipeline.toml/x.toml", "folder.toml"}) {
    for (const char* command : {"run", "check", "plan", "graph"}) {
      const auto ran = product.run({command, file});
      EXPECT_EQ(ran.exit_code, 2) << command << " " << file << ": " << ran.err;
      expect_two_lines(ran);
    }
  }
  product.commit();
  const auto ran = product.run({"run", "--ref", "main", "absent.toml"});
  EXPECT_EQ(ran.exit_code, 2) << ran.err;
}

TEST(BadInput, PlacesForAnArtifactThatAreTakenOrNotThere) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  product.write("demo", "");
  const auto taken = product.run({"artifacts", "get", "1", "demo"});
  EXPECT_EQ(taken.exit_code, 2);
  expect_two_lines(taken);
  const auto nowhere = product.run({"artifacts", "get", "1", "demo", "--to", "no/where"});
  EXPECT_EQ(nowhere.exit_code, 2);
  expect_two_lines(nowhere);
}

TEST(BadInput, AStoreThatIsDamaged) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  std::filesystem::create_directories(product.home());
  std::ofstream(product.home() / "pipeline.db") << std::string(8192, 'x');
  for (const char* command : {"run", "runs"}) {
    const auto ran = product.run({command});
    EXPECT_EQ(ran.exit_code, 3) << command;
    expect_two_lines(ran);
  }
}

TEST(BadInput, AStoreThatWasEmptied) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  std::ofstream(product.home() / "pipeline.db", std::ios::trunc).flush();
  for (const char* command : {"runs", "run", "status"}) {
    const auto ran = product.run({command});
    EXPECT_EQ(ran.exit_code, 3) << command << ": " << ran.out;
    expect_two_lines(ran);
    EXPECT_THAT(ran.err, testing::HasSubstr("environments/"));
  }
  std::filesystem::rename(product.home() / "pipeline.db", product.home() / "pipeline.db.damaged");
  EXPECT_EQ(product.run({"run"}).exit_code, 0) << "the next step that was named";
}

// The copy that later stages are shown is not what was packed any more.
TEST(BadInput, AnUnpackedArtifactThatIsDamaged) {
  Product product;
  product.write("pipeline.toml",
                std::string(kPipeline) +
                    "[[stage]]\nname = \"acceptance\"\nkind = \"acceptance\"\nreports = \"none\"\n"
                    "uses = [\"demo\"]\n"
                    "run = \"grep -qx x $ARTIFACT_DEMO/dist/x\"\n");
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  int damaged = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(product.home() / "artifacts")) {
    if (entry.path().filename() != "x") continue;
    std::ofstream(entry.path(), std::ios::trunc).flush();
    ++damaged;
  }
  ASSERT_EQ(damaged, 1);
  const auto again = product.run({"run"});
  EXPECT_EQ(again.exit_code, 0) << again.out;
}

TEST(BadInput, AnArtifactThatIsDamaged) {
  Product product;
  product.write("pipeline.toml", kPipeline);
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(product.home() / "artifacts")) {
    if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::app) << "more";
  }
  const auto ran = product.run({"artifacts", "get", "1", "demo"});
  EXPECT_EQ(ran.exit_code, 3);
  expect_two_lines(ran);
  EXPECT_FALSE(std::filesystem::exists(product.repository() / "demo"));
}

// A file system of a few megabytes as state directory.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path where) : where_(std::move(where)) {
    std::filesystem::create_directories(where_);
    mounted_ = ::mount("tmpfs", where_.c_str(), "tmpfs", 0, "size=2m,mode=755") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool is_mounted() const { return mounted_; }

 private:
  std::filesystem::path where_;
  bool mounted_ = false;
};

// Leaves no byte free.
void fill(const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary);
  for (const std::string block(4096, 'x'); out.write(block.data(), 4096).flush();) {
  }
}

constexpr const char* kNoSpace = "[Nn]o space left on (the )?device";

TEST(BadInput, ADiskThatIsFull) {
  Product product;
  const SmallDisk disk(product.home());
  if (!disk.is_mounted()) GTEST_SKIP() << "only root can mount a small file system";
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "fill"
run = "mkdir dist; head -c 8000000 /dev/urandom > dist/x; : )" +
                                     product.unique_sleep() + R"("
artifacts = [{ name = "demo", paths = ["dist/**"] }]
)");
  const auto ran = product.run({"run"});
  EXPECT_TRUE(ran.exit_code == 1 || ran.exit_code == 3) << ran.out << ran.err;
  // Who meets the full disk first, the job or the store, is chance; either says so.
  EXPECT_THAT(ran.out + ran.err, testing::ContainsRegex(kNoSpace));
  EXPECT_TRUE(product.is_quiet());
  // Space again: the same command works, so nothing half-done is in its way.
  product.write("pipeline.toml", kPipeline);
  const auto again = product.run({"run"});
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
}

// The store's own case: there is no room for the run itself.
TEST(BadInput, ADiskThatIsFullBeforeTheRunBegins) {
  Product product;
  const SmallDisk disk(product.home());
  if (!disk.is_mounted()) GTEST_SKIP() << "only root can mount a small file system";
  product.write("pipeline.toml", kPipeline);
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  fill(product.home() / "filler");
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 3) << ran.out;
  expect_two_lines(ran);
  EXPECT_THAT(ran.err, testing::ContainsRegex(kNoSpace));
  EXPECT_THAT(ran.err, testing::HasSubstr(product.home().string())) << "names what is full";
  EXPECT_FALSE(std::filesystem::exists(product.home() / "runs/2")) << "a run that never was";
  const auto runs = product.run({"runs"});
  EXPECT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_THAT(runs.out, testing::HasSubstr("succeeded"));
  EXPECT_THAT(runs.out, testing::Not(testing::HasSubstr("interrupted")));
  std::filesystem::remove(product.home() / "filler");
  EXPECT_EQ(product.run({"run"}).exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
