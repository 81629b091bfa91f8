// One connection to a server, kept open between calls, over TCP or TLS.
//
// Calls block and end: with a reply, with an error, or when nothing moved for too long. A call that
// found the kept connection closed is made once more on a new one, so what is called must bear
// being repeated.
// Threads: one at a time; cancel() from any.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/http/server_address.h"
#include "pipelines/base/result.h"

namespace pipeline::http_client {

struct Ask {
  std::string method = "GET";
  std::string path;  // with its query, below the address's prefix: "/api/v1/runs?limit=20"
  std::string body{};
  std::string type = "application/json";            // of the body
  std::optional<std::filesystem::path> upload{};    // a file, instead of the body
  std::optional<std::filesystem::path> download{};  // where the body of a success goes
  std::chrono::milliseconds patience = std::chrono::seconds(30);  // for the head of the reply
  // Instead of Reply::body, piece by piece as they come; false ends the call. For streams whose
  // silence has no limit.
  std::function<bool(std::string_view piece)> on_piece{};
  std::vector<std::pair<std::string, std::string>> fields{};  // of the head, beside the usual ones
};

struct Reply {
  unsigned status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;
};

struct Settings {
  ServerAddress server;
  std::string token;                                   // empty: none is sent
  std::optional<std::filesystem::path> authorities{};  // PEM; none: those that the system trusts
  std::string program = "pipeline";                    // User-Agent
  std::chrono::milliseconds to_connect = std::chrono::seconds(10);
  std::chrono::milliseconds silence = std::chrono::seconds(60);  // within a body
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  static std::unique_ptr<HttpClient> create(Settings settings);

  // ErrorKind::unavailable when the server is not to be reached or breaks off, timed_out,
  // cancelled. Any status is a reply.
  virtual base::Result<Reply> call(const Ask& ask) = 0;
  // Ends the call that is under way, and fails every later one.
  virtual void cancel() = 0;
  // The certificate that the server showed last, trusted or not, as PEM; none: there was no TLS.
  virtual std::optional<std::string> peer_certificate() const = 0;
};

// The reply of a success; otherwise what the server said, application/problem+json above all, with
// the kind that belongs to its status.
base::Result<Reply> expect_success(base::Result<Reply> reply);

}  // namespace pipeline::http_client
