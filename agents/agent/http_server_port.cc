#include "agents/agent/http_server_port.h"

#include <utility>

#include "agents/protocol/agent_messages_json.h"

namespace pipeline::agent {

namespace {

using base::Result;
using http_client::Ask;
using http_client::escaped;
using http_client::Reply;

// Longer than the server lets an agent wait for work.
constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(50);

class HttpServerPort final : public ServerPort {
 public:
  HttpServerPort(http_client::Settings settings, const std::string& agent)
      : server_(settings.server),
        token_(settings.token),
        place_("/api/v1/agents/" + escaped(agent)),
        client_(http_client::HttpClient::create(std::move(settings))) {}

  Result<protocol::Welcome> register_agent(const protocol::Hello& hello) override {
    PIPELINE_ASSIGN(const Reply reply,
                    call({.method = "POST", .path = "/api/v1/agents", .body = to_json(hello)}));
    return protocol::message_from_json<protocol::Welcome>(reply.body);
  }

  Result<> farewell() override { return call({.method = "DELETE", .path = place_}).map(done); }

  Result<std::optional<protocol::Grant>> ask() override {
    PIPELINE_ASSIGN(const Reply reply,
                    call({.method = "POST", .path = place_ + "/lease", .patience = kPatience}));
    if (reply.status == 204) return std::nullopt;
    return protocol::message_from_json<protocol::Grant>(reply.body).map([](protocol::Grant grant) {
      return std::optional(std::move(grant));
    });
  }

  Result<std::vector<protocol::Instruction>> heartbeat(
      const std::vector<protocol::AttemptWord>& attempts) override {
    PIPELINE_ASSIGN(const Reply reply, call({.method = "POST",
                                             .path = place_ + "/heartbeat",
                                             .body = to_json(protocol::Heartbeat{attempts})}));
    return protocol::message_from_json<protocol::HeartbeatReply>(reply.body)
        .map([](protocol::HeartbeatReply told) { return std::move(told.instructions); });
  }

  Result<std::uint64_t> append(const protocol::AttemptWord& word, const std::string& file,
                               std::uint64_t offset, std::string_view bytes) override {
    const auto& [run, job, attempt] = word.attempt;
    PIPELINE_ASSIGN(const Reply reply,
                    call({.method = "PUT",
                          .path = place_ + "/files?run=" + std::to_string(run) +
                                  "&job=" + escaped(job) + "&attempt=" + std::to_string(attempt) +
                                  "&fence=" + std::to_string(word.fence) +
                                  "&file=" + escaped(file) + "&offset=" + std::to_string(offset),
                          .body = std::string(bytes),
                          .type = "application/octet-stream"}));
    return protocol::message_from_json<protocol::FileReply>(reply.body)
        .map([](const protocol::FileReply& told) { return told.size; });
  }

  Result<bool> has(BlobKind kind, const base::Digest& digest) override {
    const auto reply = call({.method = "HEAD", .path = blob(kind, digest)});
    if (reply) return true;
    if (reply.error().kind() == base::ErrorKind::not_found) return false;
    return base::fail(reply.error());
  }

  Result<> put(BlobKind kind, const base::Digest& digest,
               const std::filesystem::path& file) override {
    return call({.method = "PUT",
                 .path = blob(kind, digest),
                 .upload = file,
                 .patience = std::chrono::minutes(10)})
        .map(done);
  }

  Result<> get(BlobKind kind, const base::Digest& digest,
               const std::filesystem::path& file) override {
    return call({.path = blob(kind, digest), .download = file}).map(done);
  }

  std::string url_of(const std::string& trees) const override {
    return (server_.is_tls ? "https://agent:" : "http://agent:") + token_ + "@" +
           server_.authority() + server_.prefix + trees;
  }

  void cancel() override { client_->cancel(); }

 private:
  static void done(const Reply& /*reply*/) {}
  static std::string blob(BlobKind kind, const base::Digest& digest) {
    return (kind == BlobKind::layer ? "/api/v1/layers/" : "/api/v1/blobs/") + digest.hex();
  }
  Result<Reply> call(const Ask& ask) { return http_client::expect_success(client_->call(ask)); }

  const http_client::ServerAddress server_;
  const std::string token_;
  const std::string place_;
  const std::unique_ptr<http_client::HttpClient> client_;
};

}  // namespace

std::unique_ptr<ServerPort> make_http_server_port(http_client::Settings settings,
                                                  const std::string& agent) {
  return std::make_unique<HttpServerPort>(std::move(settings), agent);
}

}  // namespace pipeline::agent
