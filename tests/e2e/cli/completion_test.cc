// Shell completion, asked for by the shells themselves, and the manual page.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;

constexpr const char* kMatrix = R"(name = "demo"
description = "two cells"

[[stage]]
name = "build"
run  = "true"

[[stage]]
name   = "unit"
run    = "mkdir d && echo x > d/x"
matrix = { database = ["postgres", "sqlite"] }

[[stage]]
name      = "pack"
run       = "mkdir d && echo x > d/x"
artifacts = [{ name = "shop", paths = ["d/**"] }]
)";

bool has(Product& product, const std::string& shell) {
  return product.shell("command -v " + shell).exit_code == 0;
}

// A repository with a run in it, and `pipeline` on the PATH.
class Completion : public testing::Test {
 protected:
  void SetUp() override {
    product.env()["PATH"] = product.program().parent_path().string() + ":/usr/bin:/bin";
    product.env()["HOME"] = product.root().string();
    product.write("pipelines/ci.toml", kMatrix);
    product.write("pipelines/nightly.toml", kMatrix);
    product.write("data/file.txt", "");
    product.commit();
    ASSERT_EQ(product.run({"run", "ci"}).exit_code, 0);
  }
  std::string asked(std::vector<std::string> before) {
    before.insert(before.begin(), "__complete");
    const auto ran = product.run(before);
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
  // What bash would offer for a line that is typed so far.
  std::string in_bash(const std::string& line) {
    const auto ran = product.shell(R"(cat > ask.bash <<'EOF'
compopt() { :; }
source <(pipeline completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
# As bash breaks words.
read -ra COMP_WORDS <<< "${1//=/ = }"
[[ $1 == *[[:space:]] ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_pipeline
echo "${COMPREPLY[*]}"
EOF
bash ask.bash ')" + line + "'");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
  Product product;
};

TEST_F(Completion, TheProgramTellsWhatCouldStandThere) {
  EXPECT_EQ(asked({"run"}), "ci\ttwo cells\nnightly\ttwo cells\n:files\n");
  EXPECT_EQ(asked({"show"}), "last\tthe newest\n1\tdemo, succeeded\n");
  EXPECT_EQ(asked({"logs", "1"}),
            "build\tsucceeded\nunit[database=postgres]\tsucceeded\n"
            "unit[database=sqlite]\tsucceeded\npack\tsucceeded\n");
  EXPECT_EQ(asked({"run", "ci", "--stage"}), "build\nunit\npack\n");
  EXPECT_EQ(asked({"retry", "last", "--stage"}), "build\nunit\npack\n");
  EXPECT_EQ(asked({"artifacts", "get", "last"}), "shop\n");
  EXPECT_NE(asked({"init"}).find("\ncargo\t"), std::string::npos);
  EXPECT_EQ(asked({"rollback"}), "");
}

TEST_F(Completion, AsksNoServer) {
  EXPECT_EQ(asked({"show", "--server", "http://127.0.0.1:1"}), "");
  product.env()["PIPELINE_SERVER"] = "http://127.0.0.1:1";
  EXPECT_EQ(asked({"show"}), "");
  EXPECT_EQ(asked({"retry", "1", "--stage"}), "");
  EXPECT_EQ(asked({"show", "--local"}), "last\tthe newest\n1\tdemo, succeeded\n");
  EXPECT_EQ(asked({"run", "ci", "--stage"}), "build\nunit\npack\n");
}

TEST_F(Completion, NeverSaysWhatIsWrong) {
  for (const std::vector<std::string>& before : {std::vector<std::string>{"logs", "77"},
                                                 {"frob"},
                                                 {"logs", "last", "--tail"},
                                                 {"run", "x", "--stage"},
                                                 {"artifacts", "get", "x"},
                                                 {"logs", ""}}) {
    EXPECT_EQ(asked(before), "");
  }
}

TEST_F(Completion, WorksInBash) {
  EXPECT_EQ(in_bash("pipeline ru"), "run runs\n");
  EXPECT_EQ(in_bash("pipeline --no"), "--no-color\n");
  EXPECT_EQ(in_bash("pipeline run --no-w"), "--no-wait\n");
  EXPECT_EQ(in_bash("pipeline run n"), "nightly\n");
  EXPECT_EQ(in_bash("pipeline run da"), "data\n");
  EXPECT_EQ(in_bash("pipeline run --stage "), "build unit pack\n");
  EXPECT_EQ(in_bash("pipeline run --stage=u"), "unit\n");
  EXPECT_EQ(in_bash("pipeline run --sandbox="), "full none\n");
  EXPECT_EQ(in_bash("pipeline logs --tail 3 last b"), "build\n");
  EXPECT_EQ(in_bash("pipeline logs last unit"),
            "unit\\[database=postgres\\] unit\\[database=sqlite\\]\n");
  // Bash takes only what comes after the last = of what was typed.
  EXPECT_EQ(in_bash("pipeline logs last unit\\[database=p"), "postgres\\]\n");
  EXPECT_EQ(in_bash("pipeline help roll"), "rollback\n");
  EXPECT_EQ(in_bash("pipeline secret "), "set list remove\n");
}

TEST_F(Completion, IsWrittenInTheLanguageOfEachShell) {
  EXPECT_EQ(product.shell("pipeline completion bash | bash -n").exit_code, 0);
  for (const std::string shell : {"zsh", "fish"}) {
    if (!has(product, shell)) {
      std::cout << "skipped: " << shell << " is not installed\n";
      continue;
    }
    std::string command = "pipeline completion ";
    command += shell;
    command += " > script && ";
    command += shell;
    const auto ran = product.shell(command + " -n script");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
  }
  EXPECT_EQ(product.run({"completion", "tcsh"}).exit_code, 2);
}

TEST_F(Completion, WorksInFish) {
  if (!has(product, "fish")) GTEST_SKIP() << "fish is not installed";
  const auto in_fish = [&](const std::string& line) {
    return product
        .shell("fish --no-config -c 'pipeline completion fish | source; complete -C \"" + line +
               "\"' | cut -f 1 | tr '\\n' ' '")
        .out;
  };
  EXPECT_EQ(in_fish("pipeline ru"), "run runs ");
  EXPECT_EQ(in_fish("pipeline run --no-w"), "--no-wait ");
  EXPECT_EQ(in_fish("pipeline run nig"), "nightly ");
  EXPECT_EQ(in_fish("pipeline run --stage p"), "pack ");
  EXPECT_EQ(in_fish("pipeline run --stage=p"), "--stage=pack ");
  EXPECT_EQ(in_fish("pipeline logs last b"), "build ");
}

// zsh completes only in a terminal: what it would be given is caught where it is handed over.
TEST_F(Completion, WorksInZsh) {
  if (!has(product, "zsh")) GTEST_SKIP() << "zsh is not installed";
  const auto in_zsh = [&](const std::string& line, const std::string& prefix) {
    const auto ran = product.shell(R"(cat > ask.zsh <<'EOF'
compdef() { : }
_files() { print -r -- files }
compset() { PREFIX=${PREFIX#*=} }
_describe() { local -a all; all=("${(@P)@[-1]}"); print -rl -- ${(M)${all%%:*}:#$PREFIX*} }
source <(pipeline completion zsh)
words=(${=1} "$2") CURRENT=$#words PREFIX=$2
_pipeline
EOF
zsh -f ask.zsh ')" + line + "' '" + prefix +
                                   "' | tr '\\n' ' '");
    EXPECT_EQ(ran.err, "");
    return ran.out;
  };
  EXPECT_EQ(in_zsh("pipeline", "ru"), "run runs ");
  EXPECT_EQ(in_zsh("pipeline run", "--no-w"), "--no-wait ");
  EXPECT_EQ(in_zsh("pipeline run", "nig"), "files nightly ");
  EXPECT_EQ(in_zsh("pipeline run --stage", "p"), "pack ");
  EXPECT_EQ(in_zsh("pipeline run", "--stage=p"), "pack ");
  EXPECT_EQ(in_zsh("pipeline logs last", "unit"), "unit[database=postgres] unit[database=sqlite] ");
}

TEST(Manual, IsARoffPageWithoutWarnings) {
  Product product;
  const auto page = product.run({"man"});
  EXPECT_EQ(page.exit_code, 0);
  EXPECT_TRUE(page.out.find("\n.TH PIPELINE 1 ") != std::string::npos);
  product.env()["PATH"] = product.program().parent_path().string() + ":/usr/bin:/bin";
  if (!has(product, "groff")) GTEST_SKIP() << "groff is not installed";
  const auto ran = product.shell("pipeline man | groff -man -ww -Tascii -P-cbou");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_NE(ran.out.find("EXIT STATUS"), std::string::npos);
}

}  // namespace
}  // namespace pipeline::e2e
