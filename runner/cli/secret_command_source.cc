#include "runner/cli/secret_command_source.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "runner/cli/secret_input.h"
#include "stages/host/process.h"
#include "stages/host/unique_fd.h"
#include "stages/secret/rules.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// As much of what a command complains as can hold its last line.
constexpr std::size_t kComplaints = std::size_t{256} << 10U;

// In memory: what a command prints here must not touch a disk.
Result<host::UniqueFd> make_memory() {
  host::UniqueFd memory(::memfd_create("secret", MFD_CLOEXEC));
  if (!memory) return base::fail(Error::from_errno(errno, "make a memory file"));
  return memory;
}

Result<std::string> written_to(const host::UniqueFd& memory, std::size_t limit) {
  ::lseek(memory.get(), 0, SEEK_SET);
  return read_up_to(memory.get(), limit);
}

std::string last_line(std::string_view text) {
  const std::string_view lines = base::trim(text);
  return std::string(lines.substr(lines.find_last_of("\r\n") + 1));
}

Error command_failed(const std::string& name, int status, const std::string& complaint) {
  std::string what = "its command exited with " + std::to_string(status);
  if (!complaint.empty()) what += ": " + complaint;
  return Error(ErrorKind::invalid, std::move(what))
      .during("get the secret " + name)
      .hint("--secret-command NAME=COMMAND takes what COMMAND prints; try it in a shell");
}

}  // namespace

Result<std::string> secret_of_command(const std::string& name, const std::string& command,
                                      const std::filesystem::path& directory) {
  PIPELINE_ASSIGN(const host::UniqueFd out, make_memory());
  PIPELINE_ASSIGN(const host::UniqueFd err, make_memory());
  PIPELINE_ASSIGN(host::Process shell,
                  host::spawn({.program = "/bin/sh",
                               .arguments = {"-c", command},
                               .directory = directory,
                               .descriptors = {{0, 0}, {1, out.get()}, {2, err.get()}}}));
  PIPELINE_ASSIGN(const host::ExitStatus status, shell.wait());
  if (const int code = status.shell_code(); code != 0) {
    PIPELINE_ASSIGN(const std::string complaints, written_to(err, kComplaints));
    return base::fail(command_failed(name, code, last_line(complaints)));
  }
  PIPELINE_ASSIGN(const std::string printed, written_to(out, secret::kLongestSecret + 2));
  std::string value(secret::without_line_end(printed));
  PIPELINE_TRY(secret::check_value(name, value));
  return value;
}

}  // namespace pipeline::cli
