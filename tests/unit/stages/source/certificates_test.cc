#include "stages/source/certificates.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace pipeline::source {
namespace {

TEST(Certificates, AreThoseOfTheSystem) {
  if (!std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt")) {
    GTEST_SKIP() << "this machine trusts no authority: ca-certificates is not installed";
  }
  EXPECT_TRUE(load_certificates().value());
  EXPECT_TRUE(load_certificates().value());
}

}  // namespace
}  // namespace pipeline::source
