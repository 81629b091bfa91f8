// The server that a command calls, by its address and token. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/http/http_client.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"
#include "runner/cli/options.h"

namespace pipeline::cli {

// Where --server and --token-file, else PIPELINE_SERVER and PIPELINE_TOKEN, lead.
// ErrorKind::invalid when nothing says where, or the file cannot be read.
base::Result<http_client::Settings> settings_of(const ServerChoice& choice);

// Where the server is, as its token is kept by: without asking for a token.
base::Result<std::string> address_of(const ServerChoice& choice);

// Whether PIPELINE_SERVER names one.
bool is_server_usual();

class ServerClient {
 public:
  static base::Result<ServerClient> open(const ServerChoice& choice);
  // With this token, whatever else there is; with an empty one as nobody.
  static base::Result<ServerClient> open_with(const ServerChoice& choice, const std::string& token);

  // The JSON that a success answers with; null when it has none. `path` below /api/v1.
  base::Result<boost::json::value> get(const std::string& path);
  base::Result<boost::json::value> post(const std::string& path, const boost::json::value& body);
  base::Result<boost::json::value> remove(const std::string& path);
  base::Result<> put(const std::string& path);
  base::Result<std::string> get_text(const std::string& path);
  base::Result<> download(const std::string& path, const std::filesystem::path& file);
  // Each message of a stream of server-sent events, until it ends or `take` says false.
  base::Result<> follow(const std::string& path,
                        const std::function<bool(std::string_view data)>& take);
  // The same of what a POST begins.
  base::Result<> follow(const std::string& path, const boost::json::value& body,
                        const std::function<bool(std::string_view data)>& take);
  // From any thread: ends the call that is under way.
  void cancel() { client_->cancel(); }

 private:
  explicit ServerClient(std::unique_ptr<http_client::HttpClient> client)
      : client_(std::move(client)) {}
  base::Result<http_client::Reply> call(http_client::Ask ask);

  std::unique_ptr<http_client::HttpClient> client_;
};

// Whoever answers like that is none.
base::Error not_a_server();

// The members of a list in an answer, each made by `make`.
template <class Made>
base::Result<std::vector<Made>> list_in(const boost::json::value& answer, const char* name,
                                        base::Result<Made> (*make)(const boost::json::value&)) {
  const auto* const object = answer.if_object();
  const auto* const list = object == nullptr ? nullptr : object->if_contains(name);
  if (list == nullptr || !list->is_array()) return base::fail(not_a_server());
  std::vector<Made> made;
  for (const boost::json::value& value : list->get_array()) {
    PIPELINE_ASSIGN(Made one, make(value));
    made.push_back(std::move(one));
  }
  return made;
}

// The number of the run that an answer is about.
base::Result<run::RunId> run_in(const boost::json::value& answer);

}  // namespace pipeline::cli
