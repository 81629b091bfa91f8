#include "tests/support/running_server/certificate.h"

#include <cstdlib>
#include <stdexcept>

namespace pipeline::support {

http::TlsFiles make_certificate(const std::filesystem::path& directory, const std::string& name) {
  http::TlsFiles files{directory / (name + ".pem"), directory / (name + ".key")};
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
      "/CN=" +
      name + " -addext subjectAltName=DNS:" + name + " -keyout " + files.key.string() + " -out " +
      files.certificates.string() + " 2>&1";
  // NOLINTNEXTLINE(cert-env33-c): a test's own words.
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
  return files;
}

}  // namespace pipeline::support
