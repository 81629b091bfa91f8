#include "runner/keeping/manifest.h"

#include <boost/json.hpp>
#include <exception>

#include "pipelines/base/timestamp.h"

namespace pipeline::keeping {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

Error damaged(const std::string& why) {
  return Error(ErrorKind::corrupt, "its manifest is damaged: " + why).hint("take another backup");
}

// May throw what boost::json throws.
Result<FileRecord> file_of(const json::value& value) {
  PIPELINE_ASSIGN(const base::Digest digest,
                  base::Digest::parse(std::string(value.at("sha256").as_string())));
  return FileRecord{std::string(value.at("path").as_string()),
                    value.at("size").to_number<std::uint64_t>(), digest};
}

// May throw what boost::json throws.
Result<Manifest> manifest_of(const json::value& value) {
  Manifest manifest;
  manifest.format = value.at("format").to_number<int>();
  if (manifest.format > kBackupFormat)
    return base::fail(
        Error(ErrorKind::unavailable, "it is the backup of a newer version of pipeline (format " +
                                          std::to_string(manifest.format) + ", this one knows " +
                                          std::to_string(kBackupFormat) + ")")
            .hint("restore it with that version"));
  manifest.schema = value.at("schema").to_number<int>();
  manifest.program = value.at("program").as_string();
  PIPELINE_ASSIGN(manifest.created_at,
                  base::parse_timestamp(std::string(value.at("created_at").as_string())));
  manifest.root = value.at("root").as_string();
  for (const json::value& one : value.at("files").as_array()) {
    PIPELINE_ASSIGN(auto file, file_of(one));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json::array files;
  files.reserve(manifest.files.size());
  for (const FileRecord& file : manifest.files)
    files.push_back(
        json::object{{"path", file.path}, {"size", file.size}, {"sha256", file.sha256.hex()}});
  return json::serialize(json::object{{"format", manifest.format},
                                      {"schema", manifest.schema},
                                      {"program", manifest.program},
                                      {"created_at", base::format_timestamp(manifest.created_at)},
                                      {"root", manifest.root},
                                      {"files", std::move(files)}}) +
         "\n";
}

Result<Manifest> manifest_from_json(std::string_view text) {
  // Paths are bytes.
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  const json::value value = json::parse(text, error, {}, options);
  if (error) return base::fail(damaged(error.message()));
  try {
    auto manifest = manifest_of(value);
    if (!manifest && manifest.error().kind() != ErrorKind::unavailable)
      return base::fail(damaged(manifest.error().message()));
    return manifest;
  } catch (const std::exception& exception) {
    return base::fail(damaged(exception.what()));
  }
}

}  // namespace pipeline::keeping
