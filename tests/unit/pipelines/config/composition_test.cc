#include "pipelines/config/composition.h"

#include <gtest/gtest.h>

#include <map>

#include "pipelines/config/reader.h"

namespace pipeline::config {
namespace {

using model::CommandWork;
using Files = std::map<std::string, std::string>;

ReadIncluded from(const Files& files) {
  return [files](const std::string& path) -> base::Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return base::fail(base::ErrorKind::not_found, "it is not there");
    return found->second;
  };
}

// What is wrong, one line each, with the name of the file it is in.
std::string problems(const std::string& text, const Files& files = {}) {
  const ReadResult read = read_pipeline(text, {.included = from(files)});
  std::string all;
  for (const Diagnostic& one : read.diagnostics) {
    const SourceTexts sources = read.sources("main.toml", text);
    all += std::string(sources.at(one.span.file).file) + ":" + std::to_string(one.span.line) +
           ": " + one.message + "\n";
  }
  return all;
}

model::Stage stage_of(const std::string& text, const Files& files = {}) {
  const ReadResult read = read_pipeline(text, {.included = from(files)});
  EXPECT_EQ(problems(text, files), "");
  return read.pipeline ? read.pipeline->stages.at(0) : model::Stage{};
}

const CommandWork& work_of(const model::Stage& stage) {
  return std::get<CommandWork>(stage.work);
}

constexpr const char* kExtending = R"(name = "p"
[template.base]
env = { A = "base", B = "base", C = "base" }
timeout = "5m"
[template.cpp]
extends = "base"
run = ["cmake", "make"]
env = { B = "cpp", C = "cpp" }
[[stage]]
name = "build"
extends = "cpp"
env = { C = "own" }
)";

TEST(Extends, MergesTablesKeyByKeyAndTheNearerOneWins) {
  const model::Stage stage = stage_of(kExtending);
  EXPECT_EQ(work_of(stage).run, (std::vector<std::string>{"cmake", "make"}));
  EXPECT_EQ(work_of(stage).env,
            (std::map<std::string, std::string>{{"A", "base"}, {"B", "cpp"}, {"C", "own"}}));
  EXPECT_EQ(stage.timeout, std::chrono::minutes(5));
}

TEST(Extends, ReplacesListsAndValues) {
  const model::Stage stage = stage_of(std::string(kExtending) + "run = \"ninja\"\n");
  EXPECT_EQ(work_of(stage).run, (std::vector<std::string>{"ninja"}));
}

TEST(Extends, WinsOverDefaults) {
  std::string text = kExtending;
  text.insert(text.find('['),
              "[defaults]\ntimeout = \"1m\"\nenv = { A = \"default\", D = \"default\" }\n");
  const model::Stage stage = stage_of(text);
  EXPECT_EQ(stage.timeout, std::chrono::minutes(5));
  EXPECT_EQ(work_of(stage).env.at("A"), "base");
  EXPECT_EQ(work_of(stage).env.at("D"), "default");
}

TEST(Extends, OfNothingIsNamed) {
  EXPECT_EQ(problems("name = \"p\"\n[template.cpp]\n[[stage]]\nname = \"a\"\nrun = \"true\"\n"
                     "extends = \"cp\"\n"),
            "main.toml:6: there is no template named \"cp\"\n");
}

TEST(Include, TakesTemplatesAndEnvironments) {
  const Files files = {{"shared/cpp.toml", "[template.cpp]\nrun = \"make\"\n"}};
  const model::Stage stage = stage_of(
      "name = \"p\"\ninclude = [\"shared/cpp.toml\"]\n[[stage]]\nname = \"a\"\nextends = \"cpp\"\n",
      files);
  EXPECT_EQ(work_of(stage).run, (std::vector<std::string>{"make"}));
}

TEST(Include, MayIncludeFurtherFilesAndEachIsReadOnce) {
  const Files files = {{"a.toml", "include = [\"b.toml\"]\n[template.a]\nextends = \"b\"\n"},
                       {"b.toml", "[template.b]\nrun = \"make\"\n"}};
  const model::Stage stage = stage_of(
      "name = \"p\"\ninclude = [\"a.toml\", \"b.toml\"]\n[[stage]]\nname = \"a\"\n"
      "extends = \"a\"\n",
      files);
  EXPECT_EQ(work_of(stage).run, (std::vector<std::string>{"make"}));
}

constexpr const char* kIncluding =
    "name = \"p\"\ninclude = [\"a.toml\"]\n[[stage]]\nname = \"x\"\nrun = \"true\"\n";

TEST(Include, SaysInWhichFileAMistakeIs) {
  EXPECT_EQ(problems(kIncluding, {{"a.toml", "\n[template.t]\nrnu = \"make\"\n"}}),
            "a.toml:3: unknown key \"rnu\" in template\n");
  EXPECT_EQ(problems(kIncluding, {{"a.toml", "[template.t]\nrun = \n"}}).substr(0, 9), "a.toml:2:");
}

TEST(Include, RefusesWhatIsNotThereOrDoesNotBelong) {
  EXPECT_EQ(problems(kIncluding), "main.toml:2: \"a.toml\" cannot be included: it is not there\n");
  EXPECT_EQ(problems(kIncluding, {{"a.toml", "name = \"p\"\n[params]\n"}}),
            "a.toml:1: \"name\" does not belong in an included file\n"
            "a.toml:2: \"params\" does not belong in an included file\n");
}

TEST(Include, RefusesTwoOfOneName) {
  EXPECT_EQ(problems(std::string(kIncluding) + "[template.t]\n", {{"a.toml", "[template.t]\n"}}),
            "a.toml:1: there are two of template.t\n");
}

TEST(Include, RefusesCircles) {
  const Files files = {{"a.toml", "include = [\"b.toml\"]\n"},
                       {"b.toml", "include = [\"a.toml\"]\n"}};
  EXPECT_EQ(problems(kIncluding, files),
            "b.toml:1: files include each other in a circle: a.toml → b.toml → a.toml\n");
}

TEST(Origins, TellWhoWroteEachValue) {
  const Files files = {
      {"a.toml", "[template.t]\nrun = \"make\"\nenv = { A = \"t\", B = \"t\" }\n"}};
  const std::string text =
      "name = \"p\"\ninclude = [\"a.toml\"]\n[defaults]\ntimeout = \"1m\"\n[[stage]]\n"
      "name = \"x\"\nextends = \"t\"\nenv = { B = \"own\" }\n";
  const ReadResult read = read_pipeline(text, {.included = from(files)});
  ASSERT_EQ(problems(text, files), "");
  std::map<std::string, std::string> told;
  for (const ValueOrigin& origin : read.origins.at(0).values) {
    told[origin.key] = origin.value + " @" + std::to_string(origin.span.file) + ":" +
                       std::to_string(origin.span.line) + (origin.is_default ? " default" : "");
  }
  EXPECT_EQ(told["run"], "\"make\" @1:2");
  EXPECT_EQ(told["env.A"], "\"t\" @1:3");
  EXPECT_EQ(told["env.B"], "\"own\" @0:8");
  EXPECT_EQ(told["timeout"], "\"1m\" @0:4 default");
  EXPECT_EQ(told["shell"], "[\"/bin/sh\",\"-eu\"] @0:0 default");
}

}  // namespace
}  // namespace pipeline::config
