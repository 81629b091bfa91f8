// What programs and chats are told, in their formats. Pure.
//
// Sources:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
//   https://api.slack.com/messaging/webhooks, https://api.slack.com/reference/surfaces/formatting
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/notify/news.h"

namespace pipeline::notify {

// JSON of "type", "timestamp" and "data", as Standard Webhooks has it. The type is "run.started",
// "run.approval" or "run.finished".
std::string webhook_body(const News& news);

// webhook-id, webhook-timestamp and webhook-signature (v1, HMAC-SHA256 over "id.seconds.body").
// `key`: "whsec_" and base64, else the bytes themselves. ErrorKind::invalid for base64 that is none
// and for an empty key.
using Fields = std::vector<std::pair<std::string, std::string>>;
base::Result<Fields> webhook_fields(const std::string& id, base::TimePoint now,
                                    std::string_view body, std::string_view key);

// {"text": …}: what Slack, Mattermost, Rocket.Chat and Zulip all take.
std::string slack_body(const News& news);

}  // namespace pipeline::notify
