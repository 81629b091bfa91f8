#include "runner/server/agents/blob_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/http/http_client.h"
#include "runner/server/api/router.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/host/system_clock.h"
#include "tests/support/running_server/running_server.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::server {
namespace {

namespace fs = std::filesystem;
using api::Caller;
using http_client::HttpClient;

std::optional<Caller> authenticate(std::string_view token) {
  const auto scope = api::scope_of(token);
  if (!scope) return std::nullopt;
  return Caller{std::string(token), {*scope}};
}

class BlobEndpointsTest : public testing::Test {
 protected:
  BlobEndpointsTest() {
    for (const char* name : {"layers", "uploads"}) fs::create_directory(directory_.path() / name);
  }
  std::unique_ptr<HttpClient> client(const std::string& token) const {
    return HttpClient::create(
        {.server = {.host = "127.0.0.1", .port = server_.port()}, .token = token});
  }
  unsigned put(const std::string& path, const std::string& bytes) const {
    directory_.write("mine", bytes);
    return client("agent")
        ->call({.method = "PUT", .path = path, .upload = directory_.path() / "mine"})
        .value()
        .status;
  }
  unsigned get(const std::string& path, const std::string& token = "agent") const {
    return client(token)
        ->call({.path = path, .download = directory_.path() / "theirs"})
        .value()
        .status;
  }

  support::TemporaryDirectory directory_;
  host::SystemClock clock_;
  worker::ThreadPool pool_;
  artifact::ArtifactStore artifacts_{directory_.path() / "artifacts"};
  BlobEndpoints blobs_{directory_.path() / "layers", directory_.path() / "uploads", artifacts_,
                       pool_};
  api::Router router_{blobs_.endpoints(), &authenticate, clock_};
  http::RunningServer server_{router_};
};

TEST_F(BlobEndpointsTest, PassesOnWhatItWasGiven) {
  const std::string bytes(3'000'000, 'x');
  const base::Digest digest = host::sha256(bytes);
  for (const char* kind : {"/api/v1/layers/", "/api/v1/blobs/"}) {
    const std::string path = kind + digest.hex();
    EXPECT_EQ(get(path), 404U);
    EXPECT_EQ(put(path, bytes), 201U);
    EXPECT_EQ(put(path, bytes), 201U) << "twice is once";
    EXPECT_EQ(get(path), 200U);
    EXPECT_EQ(host::read_file(directory_.path() / "theirs"), bytes);
    EXPECT_EQ(get(path, "read"), 403U);
  }
  EXPECT_TRUE(artifacts_.has(digest));
  EXPECT_TRUE(fs::is_empty(directory_.path() / "uploads"));
}

TEST_F(BlobEndpointsTest, RefusesBytesOfAnotherArtifact) {
  const base::Digest digest = host::sha256("these");
  EXPECT_EQ(put("/api/v1/blobs/" + digest.hex(), "those"), 422U);
  EXPECT_FALSE(artifacts_.has(digest));
  EXPECT_EQ(put("/api/v1/blobs/latest", "x"), 422U);
  EXPECT_EQ(put("/api/v1/layers/latest", "x"), 422U);
  EXPECT_EQ(get("/api/v1/layers/..%2fuploads"), 400U);
  EXPECT_TRUE(fs::is_empty(directory_.path() / "uploads"));
}

}  // namespace
}  // namespace pipeline::server
