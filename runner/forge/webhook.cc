#include "runner/forge/webhook.h"

#include <algorithm>
#include <vector>

#include "pipelines/base/text.h"
#include "runner/forge/payload.h"
#include "stages/host/hmac.h"

namespace pipeline::forge {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kLongestDelivery = 200;
constexpr std::string_view kGitlabToken = "X-Gitlab-Token";

// What the fields of a forge that signs are called.
struct FieldNames {
  std::string_view signature;
  std::string_view prefix;  // of the signature
  std::string_view event;
};

FieldNames names_of(Forge forge) {
  switch (forge) {
    case Forge::github:
      return {"X-Hub-Signature-256", "sha256=", "X-GitHub-Event"};
    case Forge::gitea:
      return {"X-Gitea-Signature", "", "X-Gitea-Event"};
    case Forge::forgejo:
      return {"X-Forgejo-Signature", "", "X-Forgejo-Event"};
    case Forge::gitlab:
      break;
  }
  return {kGitlabToken, "", "X-Gitlab-Event"};
}

// The first that is there counts. GitLab's event id is shared by webhooks that set each other off;
// the key that it sends since 17.4 is not.
std::vector<std::string_view> delivery_fields(Forge forge) {
  switch (forge) {
    case Forge::github:
      return {"X-GitHub-Delivery"};
    case Forge::gitea:
      return {"X-Gitea-Delivery"};
    case Forge::forgejo:
      return {"X-Forgejo-Delivery"};
    case Forge::gitlab:
      break;
  }
  return {"Idempotency-Key", "X-Gitlab-Event-UUID"};
}

std::string proof_of(Forge forge, std::string_view body, std::string_view secret) {
  if (forge == Forge::gitlab) return std::string(secret);
  return std::string(names_of(forge).prefix) + host::hmac_sha256(secret, body).hex();
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<> verify(Forge forge, const Webhook& webhook, std::string_view secret) {
  const std::string_view name = names_of(forge).signature;
  const auto shown = webhook.field(name);
  if (!shown)
    return base::fail(Error(ErrorKind::permission, "it has no " + std::string(name))
                          .hint("give the webhook its secret"));
  if (host::equal_in_constant_time(*shown, proof_of(forge, webhook.body, secret))) return {};
  return base::fail(
      Error(ErrorKind::permission, "its " + std::string(name) + " is not made with this secret")
          .hint("the webhook's secret is what `pipeline repo add` showed"));
}

Result<std::string> delivery_of(Forge forge, const Webhook& webhook) {
  const auto fields = delivery_fields(forge);
  for (const std::string_view name : fields) {
    const auto id = webhook.field(name);
    if (!id) continue;
    if (!id->empty() && id->size() <= kLongestDelivery && is_plain(*id)) return std::string(*id);
    return base::fail(ErrorKind::invalid, "its " + std::string(name) + " is no id");
  }
  return base::fail(Error(ErrorKind::invalid, "it has no " + std::string(fields.back()))
                        .hint("without it nobody knows whether it came before"));
}

Result<Notice> read_notice(Forge forge, const Webhook& webhook) {
  const auto type = webhook.field("Content-Type");
  if (type && type->starts_with("application/x-www-form-urlencoded"))
    return base::fail(Error(ErrorKind::invalid, "it is a form")
                          .hint("choose application/json as the webhook's content type"));
  PIPELINE_ASSIGN(const Payload payload, Payload::parse(webhook.body));
  if (forge == Forge::gitlab) return read_gitlab(payload);
  const auto event = webhook.field(names_of(forge).event);
  if (!event)
    return base::fail(ErrorKind::invalid, "it has no " + std::string(names_of(forge).event));
  return read_hub(*event, payload);
}

}  // namespace pipeline::forge
