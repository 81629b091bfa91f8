#include "runner/cli/discovery.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::cli {

namespace {

constexpr std::string_view kSuffix = ".toml";
constexpr const char* kUsualName = "ci";

std::string file_of(const std::string& name) {
  return std::string(kPipelineFolder) + "/" + name + std::string(kSuffix);
}

// "ci" of "pipelines/ci.toml"; nothing of what is deeper or elsewhere.
std::optional<std::string> name_of(const std::string& file) {
  const std::string folder = std::string(kPipelineFolder) + "/";
  if (!file.starts_with(folder) || !file.ends_with(kSuffix)) return std::nullopt;
  std::string name = file.substr(folder.size(), file.size() - folder.size() - kSuffix.size());
  if (name.empty() || name.find('/') != std::string::npos) return std::nullopt;
  return name;
}

std::vector<std::string> names_among(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    if (auto name = name_of(file)) names.push_back(*std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool has(const std::vector<std::string>& list, const std::string& entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

base::Result<std::string> named(const std::string& name, const std::vector<std::string>& names) {
  if (has(names, name)) return file_of(name);
  const auto near = base::nearest(name, names);
  base::Error error(base::ErrorKind::invalid, "there is no pipeline \"" + name + "\"");
  if (near) return base::fail(std::move(error).hint("did you mean \"" + *near + "\"?"));
  if (names.empty()) {
    return base::fail(std::move(error).hint("it would be the file " + file_of(name)));
  }
  return base::fail(std::move(error).hint("there are: " + base::join(names, ", ")));
}

}  // namespace

bool names_a_file(const std::string& argument) {
  return argument.ends_with(kSuffix);
}

base::Result<std::string> choose_pipeline(const std::vector<std::string>& files,
                                          const std::optional<std::string>& name) {
  const std::vector<std::string> names = names_among(files);
  if (name) return named(*name, names);
  if (has(files, kRootPipeline)) return std::string(kRootPipeline);
  if (names.size() == 1) return file_of(names.front());
  if (has(names, kUsualName)) return file_of(kUsualName);
  if (names.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "there is no pipeline file here")
                          .hint("pipeline init writes one"));
  }
  return base::fail(
      base::Error(base::ErrorKind::invalid, "there are several pipelines and none was named")
          .hint("name one of: " + base::join(names, ", ")));
}

std::vector<std::string> pipeline_files(const std::vector<std::string>& files) {
  std::vector<std::string> found;
  if (has(files, kRootPipeline)) found.emplace_back(kRootPipeline);
  for (const std::string& name : names_among(files)) found.push_back(file_of(name));
  return found;
}

}  // namespace pipeline::cli
