#include "runner/server/git/git_endpoints.h"

#include "runner/server/api/json_call.h"
#include "runner/server/api/role_missing.h"
#include "runner/server/git/http_backend.h"
#include "runner/server/http/problem.h"
#include "runner/store/names.h"

namespace pipeline::server {

namespace {

namespace fs = std::filesystem;
using api::Call;
using api::Endpoint;
using api::Scope;

// A push of a first history may be large; what a fetch says is not.
constexpr std::uint64_t kLargestPush = std::uint64_t{8} << 30U;
constexpr std::string_view kSuffix = ".git";
constexpr std::string_view kPush = "git-receive-pack";
constexpr std::string_view kFetch = "git-upload-pack";

// What of a repository is asked for: "shop.git/info/refs" taken apart.
struct Place {
  std::string name;     // without .git
  std::string service;  // what it is asked for, by the query or by its end
  std::string rest;     // "info/refs"
};

Place place_of(const Call& call) {
  const std::string& path = call.part("place");
  const auto slash = std::min(path.find('/'), path.size());
  Place place;
  place.name = path.substr(0, slash);
  if (place.name.ends_with(kSuffix)) place.name.resize(place.name.size() - kSuffix.size());
  place.rest = slash < path.size() ? path.substr(slash + 1) : "";
  if (place.rest == "info/refs")
    place.service = call.request().target.parameter("service").value_or("");
  else
    place.service = place.rest;
  return place;
}

bool is_there(const fs::path& root, const std::string& directory) {
  std::error_code error;
  return fs::is_directory(root / directory, error);
}

void answer_no_repository(const Call& call, const Place& place) {
  call.exchange->answer(http::problem(404, "there is no repository " + place.name + " here"));
}

}  // namespace

std::vector<Endpoint> GitEndpoints::endpoints() {
  const auto of = [this](void (GitEndpoints::*handle)(const Call&)) {
    return [this, handle](const Call& call) { (this->*handle)(call); };
  };
  const auto make = [&](const char* method, const char* path, const char* summary, Scope scope,
                        void (GitEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    endpoint.handle = of(handle);
    if (scope == Scope::read) endpoint.about = api::About::asks_itself;
    if (endpoint.method == "POST") {
      endpoint.largest_body = kLargestPush;
      endpoint.body_directory = places_.uploads;
    }
    return endpoint;
  };
  return {
      make("GET", "/git/{place...}", "Git: the refs of a hosted repository.", Scope::read,
           &GitEndpoints::serve_hosted),
      make("POST", "/git/{place...}", "Git: a fetch from, or a push to, a hosted repository.",
           Scope::read, &GitEndpoints::serve_hosted),
      make("GET", "/api/v1/trees/{place...}", "Git: the trees of runs.", Scope::agent,
           &GitEndpoints::serve_trees),
      make("POST", "/api/v1/trees/{place...}", "Git: a fetch of trees of runs.", Scope::agent,
           &GitEndpoints::serve_trees),
  };
}

void GitEndpoints::serve_hosted(const Call& call) {
  const Place place = place_of(call);
  const std::string directory = place.name + std::string(kSuffix);
  if (!store::check_name("a repository", place.name) ||
      !is_there(places_.repositories, directory) || !call.caller.may(Scope::read, {place.name}))
    return answer_no_repository(call, place);
  const bool is_push = place.service == kPush;
  if (!is_push) call.changes_nothing();
  if (!is_push && place.service != kFetch)
    return call.exchange->answer(http::problem(404, "only git's smart protocol is spoken here"));
  if (is_push && !call.caller.may(Scope::run))
    return call.exchange->answer(http::problem(403, "pushing takes a token with the scope run"));
  if (is_push && !call.caller.may(Scope::run, {place.name}))
    return api::answer_problem(call, api::role_missing(call.caller, Scope::run, {place.name}));
  GitRequest request{.exchange = call.exchange,
                     .root = places_.repositories,
                     .path = directory + "/" + place.rest};
  if (is_push) request.user = call.caller.name;
  if (is_push && place.rest == kPush && on_push_)
    request.when_done = [this, name = place.name] { on_push_(name); };
  if (is_push && place.rest == kPush && may_move_) {
    request.hooks = places_.hooks;
    request.answer = [this, name = place.name, caller = call.caller](const RefQuestion& question) {
      return may_move_({name, caller, question});
    };
  }
  pool_.run([request = std::move(request)] { serve_by_git(request); });
}

void GitEndpoints::serve_trees(const Call& call) {
  const Place place = place_of(call);
  if (!store::check_name("a repository", place.name) || !is_there(places_.trees, place.name))
    return answer_no_repository(call, place);
  if (place.service != kFetch)
    return call.exchange->answer(http::problem(403, "trees can only be fetched"));
  pool_.run(
      [request = GitRequest{.exchange = call.exchange,
                            .root = places_.trees,
                            .path = place.name + "/" + place.rest}] { serve_by_git(request); });
}

}  // namespace pipeline::server
