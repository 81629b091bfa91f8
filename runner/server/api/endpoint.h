// One thing that the API can do, as data: what it is called, who may call it, what it takes and
// what does it. The router serves them and the OpenAPI document describes them, both from this.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "runner/server/api/scope.h"
#include "runner/server/http/exchange.h"

namespace pipeline::api {

// Who calls.
struct Caller {
  std::string name;  // of its token
  std::set<Scope> scopes;

  bool may(Scope wanted) const;
};

struct Call {
  std::shared_ptr<http::Exchange> exchange;
  std::map<std::string, std::string> path;  // what stands for the path's {names}
  Caller caller;                            // nobody where the endpoint is open

  const http::Request& request() const { return exchange->request(); }
  const std::string& part(const std::string& name) const { return path.at(name); }
};

struct Endpoint {
  std::string method;
  // Parts behind slashes; {name} stands for any one part, {name...}, at the end, for one or more.
  std::string path;
  std::string summary;         // a sentence, for the document
  std::optional<Scope> scope;  // none: open to everybody
  std::uint64_t largest_body = 0;
  std::filesystem::path body_directory{};  // not empty: the body goes to a file there
  // On the server's thread: it must not block.
  std::function<void(Call)> handle{};
};

}  // namespace pipeline::api
