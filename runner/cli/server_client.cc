#include "runner/cli/server_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

#include "pipelines/base/text.h"
#include "runner/cli/credentials.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? "" : value;
}

Result<json::value> json_in(const http_client::Reply& reply) {
  if (reply.body.empty()) return json::value();
  json::error_code error;
  json::value value = json::parse(reply.body, error);
  if (error) return base::fail(not_a_server());
  return value;
}

// The data of the messages of an event stream, as they become whole.
class Messages {
 public:
  explicit Messages(const std::function<bool(std::string_view)>& take) : take_(take) {}

  bool add(std::string_view piece) {
    text_ += piece;
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      constexpr std::string_view kData = "data: ";
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      if (line.starts_with(kData) && !take_(std::string_view(line).substr(kData.size())))
        return false;
    }
    return true;
  }

 private:
  const std::function<bool(std::string_view)>& take_;
  std::string text_;
};

}  // namespace

namespace {

// All but the token.
Result<http_client::Settings> place_of(const ServerChoice& choice) {
  const std::string url = choice.url.value_or(variable("PIPELINE_SERVER"));
  if (url.empty())
    return base::fail(Error(ErrorKind::invalid, "no server is named")
                          .hint("--server URL, or PIPELINE_SERVER, says where it is"));
  http_client::Settings settings;
  PIPELINE_ASSIGN(settings.server, http_client::ServerAddress::parse(url));
  settings.authorities = choice.authority_file;
  return settings;
}

// It becomes part of a head of HTTP.
Result<> check_token(const std::string& token) {
  if (std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; })) return {};
  return base::fail(ErrorKind::invalid, "the token is more than one line, or no token");
}

// What the command line or the environment says, else what a login has kept. Empty: nothing.
Result<std::string> token_of(const ServerChoice& choice, const std::string& server) {
  if (choice.token_file) return read_named_file(*choice.token_file);
  if (std::string token = variable("PIPELINE_TOKEN"); !token.empty()) return token;
  const auto credentials = Credentials::open_default();
  if (!credentials) return std::string();
  PIPELINE_ASSIGN(const auto kept, credentials->token_for(server));
  return kept.value_or("");
}

}  // namespace

Result<http_client::Settings> settings_of(const ServerChoice& choice) {
  PIPELINE_ASSIGN(auto settings, place_of(choice));
  const std::string server = settings.server.to_text();
  PIPELINE_ASSIGN(const std::string token, token_of(choice, server));
  settings.token = base::trim(token);
  PIPELINE_TRY(check_token(settings.token));
  if (settings.token.empty())
    return base::fail(Error(ErrorKind::invalid, "no token is given")
                          .hint("pipeline login --server " + server +
                                " gets one; --token-file FILE, or PIPELINE_TOKEN, has one"));
  return settings;
}

Result<std::string> address_of(const ServerChoice& choice) {
  PIPELINE_ASSIGN(const auto settings, place_of(choice));
  return settings.server.to_text();
}

Error not_a_server() {
  return {ErrorKind::unavailable, "what answered is not a pipeline server"};
}

bool is_server_usual() {
  return !variable("PIPELINE_SERVER").empty();
}

Result<ServerClient> ServerClient::open(const ServerChoice& choice) {
  PIPELINE_ASSIGN(auto settings, settings_of(choice));
  return ServerClient(http_client::HttpClient::create(std::move(settings)));
}

Result<ServerClient> ServerClient::open_with(const ServerChoice& choice, const std::string& token) {
  PIPELINE_ASSIGN(auto settings, place_of(choice));
  settings.token = base::trim(token);
  PIPELINE_TRY(check_token(settings.token));
  return ServerClient(http_client::HttpClient::create(std::move(settings)));
}

Result<http_client::Reply> ServerClient::call(http_client::Ask ask) {
  ask.path = "/api/v1" + ask.path;
  return http_client::expect_success(client_->call(ask));
}

Result<json::value> ServerClient::get(const std::string& path) {
  PIPELINE_ASSIGN(const auto reply, call({.path = path}));
  return json_in(reply);
}

Result<json::value> ServerClient::post(const std::string& path, const json::value& body) {
  // A first fetch of a large repository takes its time.
  PIPELINE_ASSIGN(const auto reply, call({.method = "POST",
                                          .path = path,
                                          .body = json::serialize(body),
                                          .patience = std::chrono::minutes(30)}));
  return json_in(reply);
}

Result<> ServerClient::put(const std::string& path) {
  PIPELINE_TRY(call({.method = "PUT", .path = path}));
  return {};
}

Result<json::value> ServerClient::remove(const std::string& path) {
  PIPELINE_ASSIGN(const auto reply, call({.method = "DELETE", .path = path}));
  return json_in(reply);
}

Result<std::string> ServerClient::get_text(const std::string& path) {
  PIPELINE_ASSIGN(auto reply, call({.path = path}));
  return std::move(reply.body);
}

Result<> ServerClient::download(const std::string& path, const std::filesystem::path& file) {
  PIPELINE_TRY(call({.path = path, .download = file}));
  return {};
}

Result<> ServerClient::follow(const std::string& path,
                              const std::function<bool(std::string_view data)>& take) {
  Messages messages(take);
  PIPELINE_TRY(call(
      {.path = path, .on_piece = [&](std::string_view piece) { return messages.add(piece); }}));
  return {};
}

Result<> ServerClient::follow(const std::string& path, const json::value& body,
                              const std::function<bool(std::string_view data)>& take) {
  Messages messages(take);
  PIPELINE_TRY(call({.method = "POST",
                     .path = path,
                     .body = json::serialize(body),
                     .patience = std::chrono::minutes(30),
                     .on_piece = [&](std::string_view piece) { return messages.add(piece); }}));
  return {};
}

Result<run::RunId> run_in(const json::value& answer) {
  const auto* const object = answer.if_object();
  const auto* const run = object == nullptr ? nullptr : object->if_contains("run");
  json::error_code error;
  const auto id = run == nullptr ? run::RunId{0} : run->to_number<run::RunId>(error);
  if (id == 0 || error) return base::fail(not_a_server());
  return id;
}

}  // namespace pipeline::cli
