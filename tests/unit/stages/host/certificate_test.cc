#include "stages/host/certificate.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ci.example.org
//   -days 90
constexpr const char* kPem = R"(-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUGiEllrepU5j700eiAsLtmCw6/B4wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOY2kuZXhhbXBsZS5vcmcwHhcNMjYxMTI5MjE1MTU0WhcNMjcw
MjI3MjE1MTU0WjAZMRcwFQYDVQQDDA5jaS5leGFtcGxlLm9yZzBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABHkYtMYPNuKJURlQ7KybyOq3g340X9+Wau12Adpeajjy
dHCZEg1WYNUfly1Ca8dmwSKbW/J7WeFD90Y1J5ZIEsOjUzBRMB0GA1UdDgQWBBRo
TCNMul59jW/+N9jWvZwVW+Q+NjAfBgNVHSMEGDAWgBRoTCNMul59jW/+N9jWvZwV
W+Q+NjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCMsR7p12l5
hpmllw+i1RUipa7UY7yL80IhyQ1pHHTRCgIgU2MPPzuMf2DZ0bnwhTc4wROrtBzt
HKLrN4hoRUYkO5k=
-----END CERTIFICATE-----
)";

TEST(CertificateFile, TellsWhoseItIsAndUntilWhen) {
  const auto certificate = certificate_of(kPem);
  ASSERT_TRUE(certificate) << certificate.error().to_string();
  EXPECT_EQ(certificate->subject, "CN = ci.example.org");
  EXPECT_TRUE(certificate->signs_itself());
  EXPECT_EQ(certificate->until - certificate->from, std::chrono::hours(24 * 90));
}

TEST(CertificateFile, WhatIsNoneIsSaid) {
  support::TemporaryDirectory directory;
  EXPECT_EQ(certificate_of("").error().kind(), base::ErrorKind::invalid);
  const auto none = read_certificate(directory.write("key.pem", "-----BEGIN CERTIFICATE-----\nx"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind(), base::ErrorKind::invalid);
  EXPECT_NE(none.error().to_string().find("key.pem"), std::string::npos);
}

}  // namespace
}  // namespace pipeline::host
