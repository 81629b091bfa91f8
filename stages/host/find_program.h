// Looking a program up as execvp does. Safe from any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pipeline::host {

// What commands of a job find their programs on when nobody says otherwise.
inline constexpr const char* kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The first executable file of that name in the directories of `path`, which colons part; a name
// with a slash is taken as it is. None: there is no such program.
std::optional<std::filesystem::path> find_program(const std::string& name, std::string_view path);

}  // namespace pipeline::host
