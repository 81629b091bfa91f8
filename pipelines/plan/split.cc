#include "pipelines/plan/split.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace pipeline::plan {

namespace {

using base::Duration;

// Of files that were never measured.
Duration expected_duration(const std::vector<SplitFile>& files) {
  std::vector<Duration> measured;
  for (const SplitFile& file : files) {
    if (file.measured) measured.push_back(*file.measured);
  }
  if (measured.empty()) return Duration{1};
  const auto middle = measured.begin() + static_cast<std::ptrdiff_t>(measured.size() / 2);
  std::ranges::nth_element(measured, middle);
  return *middle;
}

// Files by whatever a report may call them: a path's ends, with and without the extension.
class FileNames {
 public:
  explicit FileNames(const std::vector<SplitFile>& files) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      add_ends_of(files[i].path, i);
      const std::string_view path = files[i].path;
      const std::size_t dot = path.rfind('.');
      const std::size_t slash = path.rfind('/');
      const bool has_extension = dot != std::string_view::npos && dot > 0 &&
                                 (slash == std::string_view::npos || dot > slash + 1);
      if (has_extension) add_ends_of(path.substr(0, dot), i);
    }
  }

  std::optional<std::size_t> file_of(const report::TestCase& test) const {
    if (!test.file.empty()) {
      if (const auto file = find_end_of(test.file)) return file;
    }
    std::string name = test.class_name;
    std::ranges::replace(name, '.', '/');
    while (!name.empty()) {
      if (const auto file = find(name)) return file;
      const std::size_t slash = name.rfind('/');
      name.resize(slash == std::string::npos ? 0 : slash);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);

  void add_ends_of(std::string_view path, std::size_t file) {
    while (true) {
      const auto [known, is_new] = names_.emplace(path, file);
      if (!is_new && known->second != file) known->second = kSeveral;
      const std::size_t slash = path.find('/');
      if (slash == std::string_view::npos) return;
      path.remove_prefix(slash + 1);
    }
  }

  std::optional<std::size_t> find(std::string_view name) const {
    const auto known = names_.find(name);
    if (known == names_.end() || known->second == kSeveral) return std::nullopt;
    return known->second;
  }

  // The tool may have said it from further up than the workspace.
  std::optional<std::size_t> find_end_of(std::string_view path) const {
    while (true) {
      if (const auto file = find(path)) return file;
      const std::size_t slash = path.find('/');
      if (slash == std::string_view::npos) return std::nullopt;
      path.remove_prefix(slash + 1);
    }
  }

  std::unordered_map<std::string_view, std::size_t> names_;  // into the paths of the files
};

}  // namespace

std::vector<std::string> files_of_part(const std::vector<SplitFile>& files,
                                       const model::SplitPart& part) {
  struct Weighed {
    Duration duration;
    const std::string* path;
  };
  const Duration expected = expected_duration(files);
  std::vector<Weighed> order;
  order.reserve(files.size());
  for (const SplitFile& file : files) {
    order.push_back({std::max(file.measured.value_or(expected), Duration{1}), &file.path});
  }
  std::ranges::sort(order, [](const Weighed& a, const Weighed& b) {
    return a.duration != b.duration ? a.duration > b.duration : *a.path < *b.path;
  });
  std::vector<Duration> busy(part.total, Duration{0});
  std::vector<std::string> mine;
  for (const Weighed& file : order) {
    const auto idlest = std::ranges::min_element(busy);
    *idlest += file.duration;
    if (idlest - busy.begin() + 1 == part.index) mine.push_back(*file.path);
  }
  std::ranges::sort(mine);
  return mine;
}

std::optional<std::vector<std::string>> share_of(const Facts& facts, const std::string& stage,
                                                 const model::SplitPart& part) {
  const auto files = facts.split_files.find(stage);
  if (files == facts.split_files.end()) return std::nullopt;
  return files_of_part(files->second, part);
}

void note_durations(const report::TestReport& report, std::vector<SplitFile>& files) {
  std::vector<std::optional<Duration>> measured(files.size());
  {
    const FileNames names(files);
    for (const report::TestCase& test : report.tests) {
      const auto file = names.file_of(test);
      if (file) measured[*file] = measured[*file].value_or(Duration{0}) + test.duration;
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (measured[i]) files[i].measured = measured[i];
  }
}

}  // namespace pipeline::plan
