// Certificates as operators care for them: whose, by whom, until when. Blocking; safe from any
// thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::host {

struct Certificate {
  std::string subject;  // "CN = ci.example.org"
  std::string issuer;
  base::TimePoint from;
  base::TimePoint until;

  bool signs_itself() const { return subject == issuer; }
};

// The first one of a PEM text. ErrorKind::invalid when there is none.
base::Result<Certificate> certificate_of(std::string_view pem);
// The same of a file.
base::Result<Certificate> read_certificate(const std::filesystem::path& file);

}  // namespace pipeline::host
