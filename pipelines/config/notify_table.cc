// [[notify]].
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::NotifyRule;
using model::Occasion;
using model::WebhookReceiver;

const Table<WebhookReceiver>& webhook_table() {
  static const auto the_table = [] {
    Table<WebhookReceiver> table("webhook", "a program that is called, by names of secrets");
    table.key("url", secret_name(), &WebhookReceiver::url, "the secret that holds its URL")
        .required();
    table
        .key("key", secret_name(), &WebhookReceiver::key,
             "the secret that messages are signed with, as Standard Webhooks says")
        .required();
    return table;
  }();
  return the_table;
}

Type<Occasion> occasion() {
  return choice<Occasion>({{"started", Occasion::started},
                           {"approval", Occasion::approval},
                           {"success", Occasion::success},
                           {"failure", Occasion::failure},
                           {"error", Occasion::error},
                           {"cancelled", Occasion::cancelled},
                           {"broken", Occasion::broken},
                           {"fixed", Occasion::fixed}});
}

void check_receivers(const Node& node, NotifyRule& rule, Problems& problems) {
  if (node.table() == nullptr || !rule.mail.empty() || rule.slack || rule.webhook || rule.cdevents)
    return;
  // One that is wrong was reported where it stands.
  for (const char* key : {"mail", "slack", "webhook", "cdevents"})
    if (node.find(key) != nullptr) return;
  problems.error(node.span, "nobody is told by this",
                 R"(add mail = ["team@example.org"], slack, webhook or cdevents)");
}

}  // namespace

const Table<NotifyRule>& notify_table() {
  static const auto the_table = [] {
    Table<NotifyRule> table("notify", "who is told of which runs");
    table
        .key("on", list_of(occasion(), Empty::refused), &NotifyRule::on,
             "when mail, slack and webhook are told: fixed and broken are a success and another "
             "end after the opposite on the same branch")
        .fallback(boost::json::array{"failure", "error", "fixed"});
    table.key("branches", list_of(glob(), Empty::refused), &NotifyRule::branches,
              "patterns of branches whose runs are told of; without it, all runs are");
    table.key("mail", list_of(mail_address(), Empty::refused), &NotifyRule::mail,
              "addresses that get a mail each");
    table.key("slack", secret_name(), &NotifyRule::slack,
              "the secret that holds the URL of a Slack-compatible incoming webhook");
    table.key("webhook",
              table_type(webhook_table, R"(a table such as { url = "CI_HOOK", key = "CI_KEY" })"),
              &NotifyRule::webhook, "a program that is called with signed JSON");
    table.key("cdevents", secret_name(), &NotifyRule::cdevents,
              "the secret that holds the URL of a receiver of CDEvents; it hears of every run and "
              "job, whatever \"on\" says");
    table.at_end(check_receivers);
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
