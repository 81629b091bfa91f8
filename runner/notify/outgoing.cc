#include "runner/notify/outgoing.h"

#include "pipelines/base/text.h"

namespace pipeline::notify {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::chrono::seconds kPatience{15};

struct Destination {
  http_client::ServerAddress server;  // without its prefix
  std::string path;                   // with its query
};

// What follows there; a query alone is one of the root.
std::string path_from(const std::string& url, std::size_t at) {
  std::string path(1, '/');
  if (at != std::string::npos) path.append(url, url[at] == '/' ? at + 1 : at);
  return path;
}

Result<Destination> destination_of(const std::string& url) {
  const Error no_url(ErrorKind::failed, "what it holds is no URL of http or https");
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return base::fail(no_url);
  const auto path = url.find_first_of("/?", scheme + 3);
  Destination destination;
  auto server = http_client::ServerAddress::parse(std::string_view(url).substr(0, path));
  // It says what is wrong with the text, and so the text.
  if (!server || base::printable(url) != url || url.find_first_of(" #") != std::string::npos)
    return base::fail(no_url);
  destination.server = *std::move(server);
  destination.path = path_from(url, path);
  return destination;
}

}  // namespace

Result<http_client::Reply> Outgoing::post(const std::string& url, const Fields& fields,
                                          const std::string& type, const std::string& body) {
  PIPELINE_ASSIGN(const Destination destination, destination_of(url));
  std::shared_ptr<http_client::HttpClient> client = http_client::HttpClient::create(
      {.server = destination.server, .token = {}, .silence = kPatience});
  {
    const std::scoped_lock guard(mutex_);
    if (is_cut_off_) return base::fail(ErrorKind::cancelled, "the server is stopping");
    current_ = client;
  }
  auto reply = client->call({.method = "POST",
                             .path = destination.path,
                             .body = body,
                             .type = type,
                             .patience = kPatience,
                             .fields = fields});
  const std::scoped_lock guard(mutex_);
  current_.reset();
  return reply;
}

void Outgoing::cut_off() {
  const std::scoped_lock guard(mutex_);
  is_cut_off_ = true;
  if (current_) current_->cancel();
}

}  // namespace pipeline::notify
