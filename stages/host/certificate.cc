#include "stages/host/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "stages/host/file.h"

namespace pipeline::host {

using base::Result;

namespace {

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Parsed = std::unique_ptr<X509, decltype(&X509_free)>;

std::string text_of(const X509_NAME* name) {
  const Memory memory(BIO_new(BIO_s_mem()), &BIO_free);
  // Control characters of a stranger come out escaped.
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

Result<base::TimePoint> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return base::fail(base::ErrorKind::invalid, "the certificate's dates cannot be read");
  return std::chrono::time_point_cast<base::TimePoint::duration>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

}  // namespace

Result<Certificate> certificate_of(std::string_view pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const Parsed parsed(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free);
  if (!parsed) return base::fail(base::ErrorKind::invalid, "there is no certificate in it");
  Certificate certificate{.subject = text_of(X509_get_subject_name(parsed.get())),
                          .issuer = text_of(X509_get_issuer_name(parsed.get())),
                          .from = {},
                          .until = {}};
  PIPELINE_ASSIGN(certificate.from, time_of(X509_get0_notBefore(parsed.get())));
  PIPELINE_ASSIGN(certificate.until, time_of(X509_get0_notAfter(parsed.get())));
  return certificate;
}

Result<Certificate> read_certificate(const std::filesystem::path& file) {
  PIPELINE_ASSIGN(const std::string pem, read_file(file));
  auto certificate = certificate_of(pem);
  if (certificate) return certificate;
  return base::fail(
      base::Error(base::ErrorKind::invalid, file.string() + ": " + certificate.error().message()));
}

}  // namespace pipeline::host
