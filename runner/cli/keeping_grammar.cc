#include "runner/cli/keeping_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr int kMany = 1'000'000'000;
constexpr int kMostDays = 36'500;

CLI::Option* add_data(CLI::App& sub, std::optional<std::filesystem::path>& data,
                      const std::string& meaning) {
  return sub.add_option("--data", data, meaning + "; default: PIPELINE_HOME")->type_name("DIR");
}

}  // namespace

void KeepingGrammar::declare_backup(CLI::App& sub) {
  sub.add_option("FILE", backup_.file, "which must not exist: a tar archive, zstd")->required();
  add_data(sub, backup_.data, "the state directory");
  sub.callback([this] { choose_(backup_); });
}
void KeepingGrammar::declare_restore(CLI::App& sub) {
  sub.add_option("FILE", restore_.file, "what `pipeline backup` wrote")->required();
  CLI::Option* const data =
      add_data(sub, restore_.data, "the state directory, which must not exist or be empty");
  sub.add_flag("--check", restore_.check, "only whether the file could be restored")
      ->excludes(data);
  sub.callback([this] { choose_(restore_); });
}
void KeepingGrammar::declare_gc(CLI::App& sub) {
  add_data(sub, gc_.data, "the state directory");
  sub.add_option("--keep-runs", gc_.keep_runs,
                 "the newest of each pipeline stay, whatever their age; default: 200")
      ->check(CLI::Range(1, kMany))
      ->type_name("N");
  sub.add_option("--keep-days", gc_.keep_days,
                 "what ended in the last N days stays, however much it is; default: 30")
      ->check(CLI::Range(0, kMostDays))
      ->type_name("N");
  sub.add_option_function<std::string>(
         "--keep-size",
         [this](const std::string& text) { gc_.keep_bytes = size_of(text, "--keep-size"); },
         "of each pipeline no more than that, as 20GB, whatever else would stay; the newest run "
         "always does")
      ->type_name("SIZE");
  sub.add_flag("--dry-run", gc_.dry_run, "only tell what would go");
  add_format(sub, gc_.format, "as JSON");
  sub.callback([this] { choose_(gc_); });
}

}  // namespace pipeline::cli
