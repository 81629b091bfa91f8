#include "stages/source/credentials.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/process.h"

namespace pipeline::source {

namespace {

constexpr auto kPatience = std::chrono::seconds(30);

// Ours, but nothing may open a prompt or a window.
std::map<std::string, std::string> quiet_environment() {
  std::map<std::string, std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      env[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  env["GIT_TERMINAL_PROMPT"] = "0";
  env["GIT_ASKPASS"] = "/bin/false";
  env.erase("DISPLAY");
  return env;
}

// Both ends of the talk are files in memory: neither side can wait for the other.
host::UniqueFd memory_file(std::string_view content) {
  host::UniqueFd file(::memfd_create("credential", MFD_CLOEXEC));
  if (!file || !host::write_all(file.get(), content)) return {};
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::optional<Credentials> parse(const std::string& answer) {
  std::map<std::string, std::string> values;
  for (const std::string& line : base::split(answer, '\n')) {
    if (const auto equals = line.find('='); equals != std::string::npos)
      values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  if (values["password"].empty()) return std::nullopt;
  return Credentials{values["username"], values["password"]};
}

}  // namespace

std::optional<Credentials> ask_credential_helper(const std::string& url) {
  if (url.find('\n') != std::string::npos) return std::nullopt;  // it would be further questions
  const host::UniqueFd question = memory_file("url=" + url + "\n\n");
  const host::UniqueFd answer = memory_file("");
  if (!question || !answer) return std::nullopt;
  // In the root directory: no repository's own configuration may name a helper to run.
  auto git = host::spawn({.program = "git",
                          .arguments = {"credential", "fill"},
                          .env = quiet_environment(),
                          .directory = "/",
                          .descriptors = {{0, question.get()}, {1, answer.get()}},
                          .session = host::ChildSession::own});
  if (!git) return std::nullopt;
  const auto status = git->wait_for(kPatience);
  if (!status || !*status || !(**status).success()) return std::nullopt;
  ::lseek(answer.get(), 0, SEEK_SET);
  const auto text = host::read_all(answer.get());
  return text ? parse(*text) : std::nullopt;
}

}  // namespace pipeline::source
