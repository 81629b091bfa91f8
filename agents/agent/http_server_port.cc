#include "agents/agent/http_server_port.h"

#include <utility>

#include "agents/agent/place_in_url.h"
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
  HttpServerPort(std::unique_ptr<http_client::HttpClient> client, http_client::ServerAddress server,
                 std::string token, const std::string& agent)
      : server_(std::move(server)),
        token_(std::move(token)),
        place_(path_of_agent(agent)),
        client_(std::move(client)) {}

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
      const protocol::Heartbeat& heartbeat) override {
    PIPELINE_ASSIGN(
        const Reply reply,
        call({.method = "POST", .path = place_ + "/heartbeat", .body = to_json(heartbeat)}));
    return protocol::message_from_json<protocol::HeartbeatReply>(reply.body)
        .map([](protocol::HeartbeatReply told) { return std::move(told.instructions); });
  }

  Result<std::uint64_t> append(const protocol::AttemptWord& word, const std::string& file,
                               std::uint64_t offset, std::string_view bytes) override {
    PIPELINE_ASSIGN(const Reply reply,
                    call({.method = "PUT",
                          .path = place_ + "/files?" + query_of(word) + "&file=" + escaped(file) +
                                  "&offset=" + std::to_string(offset),
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
    return server_.url_with("agent", token_) + trees;
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
  auto server = settings.server;
  auto token = settings.token;
  return make_server_port_by(http_client::HttpClient::create(std::move(settings)),
                             std::move(server), std::move(token), agent);
}

std::unique_ptr<ServerPort> make_server_port_by(std::unique_ptr<http_client::HttpClient> client,
                                                http_client::ServerAddress address,
                                                std::string token, const std::string& agent) {
  return std::make_unique<HttpServerPort>(std::move(client), std::move(address), std::move(token),
                                          agent);
}

}  // namespace pipeline::agent
