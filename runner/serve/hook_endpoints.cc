#include "runner/serve/hook_endpoints.h"

#include <boost/json/object.hpp>

#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/webhook_secret.h"
#include "stages/host/file.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using base::Result;
using store::RepositoryEntry;

constexpr std::uint64_t kLargestPayload = std::uint64_t{25} << 20U;  // GitHub's own limit
// For longer than any forge, or any person at one, sends a delivery again.
constexpr auto kKnownFor = std::chrono::days(30);

// The same for a repository that is not there: nobody learns here which there are.
void answer_refused(const Call& call) {
  call.exchange->answer(
      http::problem(401, "no repository of this name has a webhook with this secret"));
}

void answer(const Call& call, unsigned status, const std::string& delivery,
            const forge::Notice& notice, const std::string& result) {
  answer_json(
      call,
      json::object{{"delivery", delivery}, {"told", forge::describe(notice)}, {"result", result}},
      status);
}

bool is_ignored(const RepositoryEntry& entry, const forge::PullRequest& request) {
  return request.from_fork && entry.fork_pull_requests == store::ForkPullRequests::ignore;
}

}  // namespace

std::vector<Endpoint> HookEndpoints::endpoints() {
  return {{.method = "POST",
           .path = "/api/v1/hooks/{repository}",
           .summary = "A webhook of the repository's forge, which its secret has signed.",
           .scope = std::nullopt,
           .largest_body = kLargestPayload,
           .body_directory = parts_.uploads,
           .handle = [this](const Call& call) { hear(call); },
           .proof = api::Proof::of_its_own}};
}

void HookEndpoints::hear(const Call& call) {
  const auto heard = find(call.part("repository"));
  if (!heard) return answer_problem(call, heard.error());
  if (!*heard) return answer_refused(call);
  // Megabytes are hashed and read: not on the server's thread.
  parts_.pool.run([this, call, heard = **heard] { read(call, heard); });
}

Result<std::optional<HookEndpoints::Heard>> HookEndpoints::find(const std::string& repository) {
  PIPELINE_ASSIGN(const auto entry, parts_.repositories.find(repository));
  if (!entry || !entry->forge) return std::optional<Heard>();
  PIPELINE_ASSIGN(auto secret, parts_.secrets.get(store::webhook_secret_of(repository)));
  if (!secret) return std::optional<Heard>();
  return std::optional(Heard{*entry, *std::move(secret)});
}

void HookEndpoints::read(const Call& call, const Heard& heard) {
  const std::scoped_lock guard(reading_);
  const auto body = host::read_file(call.request().body_file, kLargestPayload);
  if (!body) return answer_problem(call, body.error());
  const forge::Forge forge = *heard.entry.forge;
  const forge::Webhook webhook{
      .field = [&call](std::string_view name) { return call.request().fields.find(name); },
      .body = *body};
  if (const auto verified = forge::verify(forge, webhook, heard.secret); !verified) {
    parts_.tell("a webhook of " + heard.entry.name +
                " is refused: " + verified.error().to_string());
    return answer_refused(call);
  }
  parts_.post([this, call, entry = heard.entry, delivery = delivery_in(forge, webhook)] {
    take(call, entry, delivery);
  });
}

Result<HookEndpoints::Delivery> HookEndpoints::delivery_in(forge::Forge forge,
                                                           const forge::Webhook& webhook) {
  Delivery delivery;
  PIPELINE_ASSIGN(delivery.id, forge::delivery_of(forge, webhook));
  PIPELINE_ASSIGN(delivery.notice, forge::read_notice(forge, webhook));
  return delivery;
}

void HookEndpoints::take(const Call& call, const RepositoryEntry& entry,
                         const Result<Delivery>& delivery) {
  call.is_proven();
  if (!delivery) {
    parts_.tell("a webhook of " + entry.name + " cannot be read: " + delivery.error().to_string());
    return answer_problem(call, delivery.error());
  }
  const auto is_known = parts_.deliveries.has(entry.name, delivery->id);
  if (!is_known) return answer_problem(call, is_known.error());
  if (*is_known) return answer(call, 200, delivery->id, delivery->notice, "it was known already");
  if (const auto noted = note(entry, *delivery); !noted) return answer_problem(call, noted.error());
  if (const auto why = why_not(entry, delivery->notice))
    return answer(call, 200, delivery->id, delivery->notice, *why);
  parts_.lookout.look_soon(entry.name);
  answer(call, 202, delivery->id, delivery->notice, entry.name + " is looked at");
}

Result<> HookEndpoints::note(const RepositoryEntry& entry, const Delivery& delivery) {
  const auto* request = std::get_if<forge::PullRequest>(&delivery.notice);
  const bool is_closed = request != nullptr && request->change == forge::PullRequestChange::closed;
  // The end of one that was heard of counts, also when its fork has gone meanwhile.
  if (request != nullptr && (is_closed || !is_ignored(entry, *request)))
    PIPELINE_TRY(parts_.pull_requests.note({.repository = entry.name,
                                            .number = request->number,
                                            .target = request->target,
                                            .from_fork = request->from_fork,
                                            .is_open = !is_closed}));
  const base::TimePoint now = parts_.clock.now();
  PIPELINE_TRY(parts_.deliveries.accept(entry.name, delivery.id, now));
  return parts_.deliveries.forget_before(now - kKnownFor);
}

std::optional<std::string> HookEndpoints::why_not(const RepositoryEntry& entry,
                                                  const forge::Notice& notice) const {
  if (std::holds_alternative<forge::PassedOver>(notice)) return "it starts nothing";
  const auto* request = std::get_if<forge::PullRequest>(&notice);
  if (request == nullptr) return std::nullopt;
  if (is_ignored(entry, *request)) {
    std::string why = "it is ignored: " + entry.name +
                      " was added without --fork-pull-requests run, and it comes from a fork";
    parts_.tell(entry.name + ": " + forge::describe(notice) + ": " + why);
    return why;
  }
  if (request->change == forge::PullRequestChange::closed) return "it starts nothing any more";
  return std::nullopt;
}

}  // namespace pipeline::serve
