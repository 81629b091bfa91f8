#include "tests/support/product/product.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "stages/host/file.h"

namespace pipeline::support {

namespace {

constexpr const char* kHelper = "pipeline-sandbox";

template <class T>
T value_of(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

host::Process spawn(const std::string& program, std::vector<std::string> arguments,
                    const std::map<std::string, std::string>& env,
                    const std::filesystem::path& directory, const std::filesystem::path& out,
                    const std::filesystem::path& err) {
  const auto out_file = value_of(host::open_file(out, O_WRONLY | O_CREAT | O_TRUNC));
  const auto err_file = value_of(host::open_file(err, O_WRONLY | O_CREAT | O_TRUNC));
  host::ProcessSpec spec;
  spec.program = program;
  spec.arguments = std::move(arguments);
  spec.env = env;
  spec.directory = directory;
  spec.descriptors = {{1, out_file.get()}, {2, err_file.get()}};
  return value_of(host::spawn(spec));
}

// Names of the programs that were built, or copies where a file of somebody else's cannot be given
// another name.
void install_programs(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  const std::filesystem::path built = std::filesystem::path(PIPELINE_PROGRAM).parent_path();
  for (const char* name : {"pipeline", kHelper, "pipeline-instance", "pipeline-relay"}) {
    std::error_code refused;
    std::filesystem::create_hard_link(built / name, directory / name, refused);
    if (refused) std::filesystem::copy_file(built / name, directory / name);
  }
}

std::vector<int> living_processes(const std::function<bool(const std::filesystem::path&)>& which) {
  std::vector<int> pids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (which(entry.path())) pids.push_back(std::stoi(name));
  }
  return pids;
}

}  // namespace

Running::Running(host::Process process, std::filesystem::path out, std::filesystem::path err)
    : process_(std::move(process)), out_(std::move(out)), err_(std::move(err)) {}

std::string Running::out() const {
  return content_of(out_);
}

std::string Running::err() const {
  return content_of(err_);
}

void Running::signal(int number) {
  const auto sent = process_.signal(number);
  if (!sent) throw std::runtime_error(sent.error().to_string());
}

Ran Running::wait() {
  const host::ExitStatus status = value_of(process_.wait());
  return {status.shell_code(), content_of(out_), content_of(err_)};
}

Product::Product()
    : programs_(directory_.path() / "programs"),
      repository_(directory_.path() / "repository"),
      home_(directory_.path() / "home") {
  std::filesystem::create_directories(repository_);
  install_programs(programs_);
  env_ = {{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
          {"HOME", directory_.path().string()},
          {"PIPELINE_HOME", home_.string()},
          {"GIT_AUTHOR_NAME", "test"},
          {"GIT_AUTHOR_EMAIL", "test@example.org"},
          {"GIT_COMMITTER_NAME", "test"},
          {"GIT_COMMITTER_EMAIL", "test@example.org"},
          {"GIT_CONFIG_NOSYSTEM", "1"}};
  git({"init", "-q", "-b", "main"});
}

void Product::write(const std::filesystem::path& name, std::string_view content) {
  const auto file = repository_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

std::string Product::git(std::vector<std::string> arguments) {
  const auto out = directory_.path() / "git.out";
  const auto err = directory_.path() / "git.err";
  const std::string command = arguments.front();
  host::Process process = spawn("git", std::move(arguments), env_, repository_, out, err);
  if (!value_of(process.wait()).success()) {
    throw std::runtime_error("git " + command + ": " + content_of(err));
  }
  return content_of(out);
}

Ran Product::shell(const std::string& command) {
  const auto out = directory_.path() / "shell.out";
  const auto err = directory_.path() / "shell.err";
  return Running(spawn("/bin/sh", {"-c", command}, env_, repository_, out, err), out, err).wait();
}

void Product::commit() {
  git({"add", "-A"});
  git({"commit", "-q", "-m", "change"});
}

Ran Product::run(std::vector<std::string> arguments) {
  return run_in(repository_, std::move(arguments));
}

Ran Product::run_in(const std::filesystem::path& directory, std::vector<std::string> arguments) {
  return start_in(directory, program(), std::move(arguments)).wait();
}

Running Product::start(std::vector<std::string> arguments) {
  return start_program(program(), std::move(arguments));
}

Running Product::start_program(const std::string& program, std::vector<std::string> arguments) {
  return start_in(repository_, program, std::move(arguments));
}

Running Product::start_in(const std::filesystem::path& directory, const std::string& program,
                          std::vector<std::string> arguments) {
  const std::string number = std::to_string(++commands_);
  const auto out = directory_.path() / ("out." + number);
  const auto err = directory_.path() / ("err." + number);
  host::Process process = spawn(program, std::move(arguments), env_, directory, out, err);
  return {std::move(process), out, err};
}

std::optional<Ran> Product::run_without(const std::filesystem::path& file,
                                        std::vector<std::string> arguments) {
  std::vector<std::string> words = {"--mount"};
  if (::geteuid() != 0) words.emplace_back("--map-root-user");
  const std::vector<std::string> command = {
      "sh", "-c", R"(mount --bind /dev/null "$0" && exec "$@")", file.string(), program()};
  words.insert(words.end(), command.begin(), command.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  Ran ran = start_program("unshare", std::move(words)).wait();
  if (ran.err.starts_with("unshare:") || ran.err.starts_with("mount:")) return std::nullopt;
  return ran;
}

std::string Product::normalised(std::string text) const {
  replace_all(text, directory_.path().string(), "DIR");
  replace_all(text, unique_sleep(), "SLEEP");
  text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "DIGEST");
  text = std::regex_replace(text, std::regex("at [0-9a-f]{8}\\b"), "at COMMIT");
  text = std::regex_replace(text, std::regex("commit [0-9a-f]{12}\\b"), "commit COMMIT");
  text = std::regex_replace(text, std::regex("@[0-9a-f]{12}\\b"), "@DIGEST");
  // Columns are kept: a time is padded to six.
  text = std::regex_replace(text, std::regex("\\b[0-9]+\\.[0-9]s"), "TIME");
  return text;
}

// The state directory's name is as unique as this process and the order of its products.
std::string Product::unique_sleep() const {
  return "sleep 1" + std::to_string(std::hash<std::string>()(home_.string()) % 1'000'000'000'000);
}

std::vector<int> Product::processes() const {
  std::vector<int> found = processes_running(programs_);
  const std::string sleep = unique_sleep().substr(std::string("sleep ").size());
  for (const std::string& mark : {home_.string(), sleep}) {
    const std::vector<int> more = processes_mentioning(mark);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::vector<int> Product::helpers() const {
  return processes_running(programs_ / kHelper);
}

bool eventually(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::vector<int> processes_mentioning(const std::string& text, const std::string& word) {
  return living_processes([&](const std::filesystem::path& process) {
    const std::string all = content_of(process / "cmdline") + content_of(process / "environ");
    return all.find(text) != std::string::npos && all.find(word) != std::string::npos;
  });
}

// By their name for themselves, which everybody may read: /proc/PID/exe of a sandbox's first
// process is root's alone. A zombie has neither.
std::vector<int> processes_running(const std::filesystem::path& program) {
  return living_processes([&program](const std::filesystem::path& process) {
    const std::string command = content_of(process / "cmdline");
    const std::string name = command.substr(0, command.find('\0'));
    return name == program || name.starts_with(program.string() + "/");
  });
}

}  // namespace pipeline::support
