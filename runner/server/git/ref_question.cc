#include "runner/server/git/ref_question.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "pipelines/base/text.h"
#include "stages/host/file.h"

namespace pipeline::server {

namespace {

// Git runs them in the repository. Those that are its own go on working.
constexpr const char* kOwnHook = R"(#!/bin/sh
own=hooks/${0##*/}
test ! -x "$own" || exec "$own" "$@"
)";

// Whatever goes wrong, the ref stays.
constexpr const char* kUpdate = R"(#!/bin/sh
printf '%s %s %s\n' "$1" "$2" "$3" >&3 || exit 1
while IFS= read -r line <&3; do
  case $line in
    yes) exec 3>&-
         test ! -x hooks/update || exec hooks/update "$@"
         exit 0 ;;
    no) exit 1 ;;
    *) printf '%s\n' "${line#: }" >&2 ;;
  esac
done
echo 'the server has gone' >&2
exit 1
)";

// No object has it: it stands for none.
bool is_none(const std::string& id) {
  return std::ranges::all_of(id, [](char c) { return c == '0'; });
}

}  // namespace

base::Result<> install_hooks(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return base::fail(base::Error::from_errno(error.value(), "make " + directory.string()));
  constexpr mode_t kExecutable = 0755;
  PIPELINE_TRY(
      host::write_file(directory / "update", kUpdate, host::Durability::synced, kExecutable));
  for (const char* const name : {"pre-receive", "post-receive", "post-update"})
    PIPELINE_TRY(
        host::write_file(directory / name, kOwnHook, host::Durability::synced, kExecutable));
  return {};
}

std::optional<RefQuestion> question_in(std::string_view line) {
  std::vector<std::string> words = base::split(line, ' ');
  if (words.size() != 3) return std::nullopt;
  RefQuestion question{std::move(words[0]), std::move(words[1]), std::move(words[2])};
  for (std::string* const id : {&question.before, &question.after})
    if (is_none(*id)) id->clear();
  return question;
}

std::string text_of(const RefAnswer& answer) {
  std::string text;
  for (const std::string& sentence : answer.said) text += ": " + base::printable(sentence) + "\n";
  return text + (answer.is_taken ? "yes\n" : "no\n");
}

}  // namespace pipeline::server
