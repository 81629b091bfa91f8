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
#include <vector>

#include "pipelines/access/access.h"
#include "runner/server/api/scope.h"
#include "runner/server/http/exchange.h"

namespace pipeline::api {

// Somebody whom the server knows, as he is when he calls.
struct Person {
  std::vector<std::string> groups;
  std::vector<access::Grant> grants;  // his own, and those of his groups
};

// Who calls.
struct Caller {
  std::string name;  // of the user whose token it is; of the token when it is a service's own
  std::set<Scope> scopes;
  std::optional<Person> person{};  // none: a service, whose scopes hold everywhere
  std::string token{};             // its name
  // What an agent that comes with it may call its; none: any label.
  std::optional<std::vector<std::string>> labels{};

  bool is_in(const std::string& group) const;
  // Whether the token is for this at all.
  bool may(Scope wanted) const;
  // Whether it is, and the roles of whoever has it are enough there.
  bool may(Scope wanted, const access::Place& place) const;
};

// What somebody asked to be changed.
struct Change {
  std::string who;       // the caller's name
  std::string peer;      // his address
  std::string action;    // "POST /api/v1/runs"
  std::string detail;    // what the handler said of it
  unsigned status = 0;   // what it was answered with
  bool is_none = false;  // it only looked like one
};

struct Call {
  std::shared_ptr<http::Exchange> exchange;
  std::map<std::string, std::string> path;  // what stands for the path's {names}
  Caller caller;                            // nobody where the endpoint is open
  // Of an endpoint that asks for a proof of its own: whoever calls has given it, and the request
  // counts as no stranger's. On the server's thread, at most once.
  std::function<void()> is_proven{};
  // What of a change its address does not say, for the audit log: no secrets. None where nothing is
  // noted.
  std::shared_ptr<Change> change{};

  // To be called before the answer.
  void tell(std::string detail) const {
    if (change) change->detail = std::move(detail);
  }
  void changes_nothing() const {
    if (change) change->is_none = true;
  }
  const http::Request& request() const { return exchange->request(); }
  const std::string& part(const std::string& name) const { return path.at(name); }
};

// What stands in for a token where an endpoint is open.
enum class Proof {
  none,
  // Something in the request that only the handler can look at: until it has (Call::is_proven), the
  // request counts as a stranger's.
  of_its_own,
  // None is needed, but a token that comes along is looked at: the handler knows who calls.
  token_if_given,
};

// What a call is about, and so where its caller's roles have to be enough for the scope.
enum class About {
  everything,  // what is of no one repository: on all of them
  its_run,     // the run that {run} of the path names: in its repository
  // The artifact that {digest} of the path names: in the repository of the run that made it, which
  // `run` of the query names; without it on all of them.
  its_artifact,
  // What only the handler can tell: it asks Caller::may(), and shows nothing else than may be seen.
  asks_itself,
};

// Something behind the '?', for the document: handlers read it themselves (json_call.h).
struct QueryParameter {
  enum class Type { text, number };
  std::string name;
  Type type = Type::text;
  std::string meaning;
  bool is_required = false;
};

inline QueryParameter text_parameter(std::string name, std::string meaning) {
  return {std::move(name), QueryParameter::Type::text, std::move(meaning)};
}
inline QueryParameter number_parameter(std::string name, std::string meaning) {
  return {std::move(name), QueryParameter::Type::number, std::move(meaning)};
}

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
  Proof proof = Proof::none;
  std::vector<QueryParameter> query{};
  About about = About::everything;
};

}  // namespace pipeline::api
