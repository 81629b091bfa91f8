#include "runner/server/agents/blob_endpoints.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runner/server/http/problem.h"
#include "stages/host/file.h"

namespace pipeline::server {

namespace {

namespace fs = std::filesystem;
using api::Call;
using api::Endpoint;
using api::Scope;

constexpr std::uint64_t kLargestBlob = std::uint64_t{64} << 30U;

// None, and the call is answered, when the path names no digest.
std::optional<base::Digest> digest_in(const Call& call) {
  const auto digest = base::Digest::parse(call.part("digest"));
  if (digest) return *digest;
  call.exchange->answer(http::problem(422, "the path has to end in a SHA-256 digest"));
  return std::nullopt;
}

void answer_created(const Call& call) {
  http::Response response;
  response.status = 201;
  call.exchange->answer(std::move(response));
}

void answer_file(const Call& call, const fs::path& file) {
  auto open = host::open_file(file, O_RDONLY);
  struct stat status {};
  if (!open || ::fstat(open->get(), &status) != 0)
    return call.exchange->answer(http::problem(404, "it is not here"));
  http::Response response;
  response.fields.add("Content-Type", "application/zstd");
  response.file = http::FilePart{.file = *std::move(open),
                                 .length = static_cast<std::uint64_t>(status.st_size)};
  call.exchange->answer(std::move(response));
}

}  // namespace

BlobEndpoints::BlobEndpoints(fs::path layers, fs::path uploads,
                             const artifact::ArtifactStore& artifacts, worker::ThreadPool& pool)
    : layers_(std::move(layers)),
      uploads_(std::move(uploads)),
      artifacts_(artifacts),
      pool_(pool) {}

std::vector<Endpoint> BlobEndpoints::endpoints() {
  const auto make = [&](const char* method, const char* path, const char* summary, Scope scope,
                        void (BlobEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    if (endpoint.method == "PUT") {
      endpoint.largest_body = kLargestBlob;
      endpoint.body_directory = uploads_;
    }
    return endpoint;
  };
  Endpoint artifact = make("GET", "/api/v1/artifacts/{digest}", "An artifact, packed.", Scope::read,
                           &BlobEndpoints::get_artifact);
  artifact.about = api::About::its_artifact;
  artifact.query = {api::number_parameter("run", "the run that made it")};
  return {
      artifact,
      make("GET", "/api/v1/layers/{digest}", "The outputs of a job, packed.", Scope::agent,
           &BlobEndpoints::get_layer),
      make("PUT", "/api/v1/layers/{digest}", "The outputs of a job, packed.", Scope::agent,
           &BlobEndpoints::put_layer),
      make("GET", "/api/v1/blobs/{digest}", "An artifact, packed, for an agent.", Scope::agent,
           &BlobEndpoints::get_artifact),
      make("PUT", "/api/v1/blobs/{digest}", "An artifact that a job made.", Scope::agent,
           &BlobEndpoints::put_artifact),
  };
}

void BlobEndpoints::get_layer(const Call& call) {
  const auto digest = digest_in(call);
  if (!digest) return;
  // Who hears that it is here will not bring it, but name it.
  host::touch(layers_ / digest->hex());
  answer_file(call, layers_ / digest->hex());
}

void BlobEndpoints::put_layer(const Call& call) {
  const auto digest = digest_in(call);
  if (!digest) return;
  std::error_code error;
  fs::rename(call.request().body_file, layers_ / digest->hex(), error);
  if (error)
    return call.exchange->answer(
        http::problem(base::Error::from_errno(error.value(), "keep the outputs")));
  answer_created(call);
}

void BlobEndpoints::get_artifact(const Call& call) {
  const auto digest = digest_in(call);
  if (!digest) return;
  artifacts_.mark_used(*digest);
  answer_file(call, artifacts_.packed_file(*digest));
}

void BlobEndpoints::put_artifact(const Call& call) {
  const auto digest = digest_in(call);
  if (!digest) return;
  // Every byte is read and synced: not on the server's thread.
  pool_.run([this, call, digest = *digest] {
    const auto kept = artifacts_.adopt(digest, call.request().body_file);
    if (kept) return answer_created(call);
    // Bytes of something else are the caller's mistake, not damage of ours.
    const bool is_theirs = kept.error().kind() == base::ErrorKind::corrupt;
    call.exchange->answer(is_theirs ? http::problem(422, kept.error().to_string())
                                    : http::problem(kept.error()));
  });
}

}  // namespace pipeline::server
