// The scripts that complete `pipeline …` in a shell, made from the grammar: commands and options
// stand in them; what an argument can be they ask the program (`pipeline __complete`). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pipeline::cli {

enum class Shell { bash, zsh, fish };

// "bash", "zsh", "fish"
const std::vector<std::string>& shell_names();
std::optional<Shell> shell_called(const std::string& name);

std::string completion_script(Shell shell);

}  // namespace pipeline::cli
