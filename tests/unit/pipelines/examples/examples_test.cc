// Every pipeline file that we ship reads without a complaint.
#include "pipelines/config/reader.h"
#include "stages/host/file.h"

namespace pipeline::config {
namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> files;
  for (const auto* folder : {"pipelines/examples", "pipelines/templates"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".toml") files.push_back(entry.path());
    }
  }
  return files;
}

TEST(Examples, ReadWithoutAComplaint) {
  const auto files = shipped();
  EXPECT_GE(files.size(), 4U) << "run in the project's root";
  for (const auto& file : files) {
    const auto read = read_pipeline(host::read_file(file).value());
    EXPECT_TRUE(read.pipeline) << file;
    for (const auto& diagnostic : read.diagnostics)
      ADD_FAILURE() << file << ": " << diagnostic.message;
  }
}

}  // namespace
}  // namespace pipeline::config
