// The server that a command calls, by its address and token. One thread.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agents/http/http_client.h"
#include "pipelines/base/result.h"
#include "runner/cli/options.h"

namespace pipeline::cli {

// Where --server and --token-file, else PIPELINE_SERVER and PIPELINE_TOKEN, lead.
// ErrorKind::invalid when nothing says where, or the file cannot be read.
base::Result<http_client::Settings> settings_of(const ServerChoice& choice);

class ServerClient {
 public:
  static base::Result<ServerClient> open(const ServerChoice& choice);

  // The JSON that a success answers with; null when it has none. `path` below /api/v1.
  base::Result<boost::json::value> get(const std::string& path);
  base::Result<boost::json::value> post(const std::string& path, const boost::json::value& body);
  base::Result<> remove(const std::string& path);
  base::Result<std::string> get_text(const std::string& path);
  // Each message of a stream of server-sent events, until it ends or `take` says false.
  base::Result<> follow(const std::string& path,
                        const std::function<bool(std::string_view data)>& take);
  // From any thread: ends the call that is under way.
  void cancel() { client_->cancel(); }

 private:
  explicit ServerClient(std::unique_ptr<http_client::HttpClient> client)
      : client_(std::move(client)) {}
  base::Result<http_client::Reply> call(http_client::Ask ask);

  std::unique_ptr<http_client::HttpClient> client_;
};

}  // namespace pipeline::cli
