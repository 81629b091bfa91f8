#include "runner/cli/completion.h"

#include <gtest/gtest.h>

#include "runner/cli/command_line.h"
#include "runner/cli/completion_point.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/grammar.h"
#include "runner/cli/manual.h"
#include "tests/support/golden.h"

namespace pipeline::cli {
namespace {

TEST(Grammar, IsWhatHelpShows) {
  for (const CommandForm& form : grammar()) {
    const auto answer = parse_command_line({form.name, "--help"});
    const std::string& help = std::get<Answer>(answer).text;
    for (const OptionForm& option : form.options) {
      EXPECT_NE(help.find(option.names.back()), std::string::npos) << form.name;
      EXPECT_FALSE(option.meaning.empty()) << form.name << " " << option.names.back();
    }
  }
  EXPECT_FALSE(grammar_of("frobnicate"));
}

// Whole words, so that --no is not found in --no-cache.
bool has_word(const std::string& text, const std::string& word) {
  const auto is_part = [](char c) { return c == '-' || std::isalnum(c) != 0; };
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end])))
      return true;
  }
  return false;
}

TEST(Completion, EveryScriptAndTheManualHaveEveryCommandAndOption) {
  for (const CommandForm& form : grammar()) {
    for (const auto& name : shell_names()) {
      EXPECT_TRUE(has_word(completion_script(*shell_called(name)), form.name)) << name;
    }
    EXPECT_NE(manual_page().find(".SS \"pipeline " + form.name + "\""), std::string::npos);
    for (const OptionForm& option : form.options) {
      for (const std::string& one : option.names) {
        EXPECT_TRUE(has_word(completion_script(Shell::bash), one)) << form.name << " " << one;
        EXPECT_TRUE(has_word(completion_script(Shell::zsh), one)) << form.name << " " << one;
        const std::string in_fish =
            one.starts_with("--") ? "-l " + one.substr(2) : "-s " + one.substr(1);
        EXPECT_NE(completion_script(Shell::fish).find("'__pipeline_is " + form.name + "'"),
                  std::string::npos);
        EXPECT_NE(completion_script(Shell::fish).find(in_fish), std::string::npos) << one;
        std::string in_roff;
        for (const char c : one) in_roff += c == '-' ? "\\-" : std::string(1, c);
        EXPECT_NE(manual_page().find(in_roff), std::string::npos) << form.name << " " << one;
      }
    }
  }
}

TEST(Completion, ScriptsReadWell) {
  for (const std::string& name : shell_names()) {
    EXPECT_TRUE(
        support::matches_golden("cli/completion." + name, completion_script(*shell_called(name))));
  }
  EXPECT_TRUE(support::matches_golden("cli/pipeline.1", manual_page()));
}

TEST(Manual, NamesEveryExitCode) {
  for (const ExitCode code : {ExitCode::success, ExitCode::failed, ExitCode::wrong,
                              ExitCode::errored, ExitCode::waiting, ExitCode::cancelled}) {
    EXPECT_NE(manual_page().find("\\fB" + std::to_string(code) + "\\fR\n"), std::string::npos);
  }
}

Candidates at(const std::vector<std::string>& before) {
  return completion_point(before).candidates;
}
std::vector<std::string> words_at(const std::vector<std::string>& before) {
  return completion_point(before).words;
}

TEST(CompletionPoint, TellsWhatAnArgumentCanBe) {
  EXPECT_EQ(at({"run"}), Candidates::pipelines);
  EXPECT_EQ(at({"run", "ci"}), Candidates::none);
  EXPECT_EQ(at({"show"}), Candidates::runs);
  EXPECT_EQ(at({"logs", "3"}), Candidates::jobs);
  EXPECT_EQ(at({"logs", "-f", "--tail", "5", "3"}), Candidates::jobs);
  EXPECT_EQ(at({"logs", "--tail=5", "3"}), Candidates::jobs);
  EXPECT_EQ(at({"approve", "3"}), Candidates::jobs);
  EXPECT_EQ(at({"init"}), Candidates::templates);
  EXPECT_EQ(at({"rollback"}), Candidates::environments);
  EXPECT_EQ(at({"check", "a.toml", "b.toml"}), Candidates::files);
  EXPECT_EQ(at({"--no-color", "show"}), Candidates::runs);
  EXPECT_EQ(at({"frobnicate"}), Candidates::none);
  EXPECT_EQ(words_at({"completion"}), shell_names());
  EXPECT_EQ(words_at({}), command_names());
  EXPECT_EQ(words_at({"help"}), command_names());
}

TEST(CompletionPoint, TellsWhatAnOptionTakes) {
  EXPECT_EQ(at({"run", "--stage"}), Candidates::stages);
  EXPECT_EQ(at({"run", "ci", "--stage", "unit", "--stage"}), Candidates::stages);
  EXPECT_EQ(completion_point({"run", "ci", "--stage"}).arguments, std::vector<std::string>{"ci"});
  EXPECT_EQ(at({"run", "--repo"}), Candidates::folders);
  EXPECT_EQ(at({"run", "--env-file"}), Candidates::files);
  EXPECT_EQ(at({"run", "--ref"}), Candidates::none);
  EXPECT_EQ(at({"run", "--secret-from-env"}), Candidates::none);
  EXPECT_EQ(at({"deploy", "--resume"}), Candidates::environments);
  EXPECT_EQ(at({"deploy", "--pipeline"}), Candidates::pipelines);
  EXPECT_EQ(words_at({"run", "--sandbox"}), (std::vector<std::string>{"full", "none"}));
}

TEST(CompletionPoint, KnowsCommandsWithWordsOfTheirOwn) {
  EXPECT_EQ(words_at({"secret"}), (std::vector<std::string>{"set", "list", "remove"}));
  EXPECT_EQ(at({"secret", "remove"}), Candidates::secrets);
  EXPECT_EQ(at({"secret", "list"}), Candidates::none);
  EXPECT_EQ(words_at({"artifacts"}), (std::vector<std::string>{"list", "get"}));
  EXPECT_EQ(at({"artifacts"}), Candidates::runs);
  EXPECT_EQ(at({"artifacts", "get"}), Candidates::runs);
  EXPECT_EQ(at({"artifacts", "get", "3"}), Candidates::artifacts);
  EXPECT_EQ(at({"artifacts", "list", "3"}), Candidates::none);
}

}  // namespace
}  // namespace pipeline::cli
