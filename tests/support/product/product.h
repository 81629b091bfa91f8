// The built program in a world of one test's own: a git repository, a state directory, an empty
// environment. Everything goes when the object does. Misuse throws (see TemporaryDirectory).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/host/process.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::support {

struct Ran {
  int exit_code = 0;  // 128 + n for a signal n
  std::string out;
  std::string err;
};

// A program that goes on; killed when the object goes.
class Running {
 public:
  Running(host::Process process, std::filesystem::path out, std::filesystem::path err);

  int pid() const { return process_.pid(); }
  std::string out() const;
  std::string err() const;
  void signal(int number);
  // Waits for its end.
  Ran wait();

 private:
  host::Process process_;
  std::filesystem::path out_;
  std::filesystem::path err_;
};

class Product {
 public:
  Product();

  // The repository, which is also where commands are run; `git init`ed, without a commit.
  const std::filesystem::path& repository() const { return repository_; }
  // What PIPELINE_HOME says.
  const std::filesystem::path& home() const { return home_; }
  const std::filesystem::path& root() const { return directory_.path(); }
  std::map<std::string, std::string>& env() { return env_; }

  // A file of the repository.
  void write(const std::filesystem::path& name, std::string_view content);
  // `git ARGUMENTS` in the repository; it must succeed. Its output.
  std::string git(std::vector<std::string> arguments);
  // A command for /bin/sh in the repository, in the same environment; it may fail.
  Ran shell(const std::string& command);
  // Everything there is, as one commit on main.
  void commit();

  Ran run(std::vector<std::string> arguments);
  Ran run_in(const std::filesystem::path& directory, std::vector<std::string> arguments);
  Running start(std::vector<std::string> arguments);
  // As on a machine that does not have `file`; none where this machine cannot pretend that.
  std::optional<Ran> run_without(const std::filesystem::path& file,
                                 std::vector<std::string> arguments);
  // Any other program beside it, with the same environment, in the repository.
  Running start_program(const std::string& program, std::vector<std::string> arguments);
  // `pipeline` itself, as run() runs it.
  std::filesystem::path program() const { return programs_ / "pipeline"; }
  // A sleep that no other test sleeps: its processes can be told from all others by their command,
  // and so can those of any command that has it in its text.
  std::string unique_sleep() const;
  // Living processes of this product: the program, its helpers, the first process of each sandbox
  // (without which no other process in it can live), what mentions the state directory, and what
  // has unique_sleep() in its command.
  std::vector<int> processes() const;
  // The helpers among them, and the first processes of sandboxes.
  std::vector<int> helpers() const;
  bool is_quiet() const { return processes().empty(); }
  // `text` with what differs from run to run replaced: DIR, COMMIT, DIGEST, TIME, SLEEP.
  std::string normalised(std::string text) const;

 private:
  Running start_in(const std::filesystem::path& directory, const std::string& program,
                   std::vector<std::string> arguments);

  TemporaryDirectory directory_;
  // The built programs by paths of this product's own, so that its processes can be told from those
  // of tests that run at the same time: a helper has neither arguments nor an environment.
  std::filesystem::path programs_;
  std::filesystem::path repository_;
  std::filesystem::path home_;
  std::map<std::string, std::string> env_;
  int commands_ = 0;
};

// Waits until `done` says so; false after half a minute. For what happens in another process, where
// there is nothing to wait on.
bool eventually(const std::function<bool()>& done);

// Pids of living processes whose environment or command line mentions `text`, and `word` as well;
// zombies do not count.
std::vector<int> processes_mentioning(const std::string& text, const std::string& word = "");
// Those that were started as `program`, or as one below that directory.
std::vector<int> processes_running(const std::filesystem::path& program);

}  // namespace pipeline::support
