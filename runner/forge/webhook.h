// A request that says it is a forge's: whether it is, which delivery it is, what it tells.
//
// Order of calls:  verify() → delivery_of() → read_notice(): nothing is read in what nobody signed.
// Pure; safe from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "runner/forge/forge.h"
#include "runner/forge/notice.h"

namespace pipeline::forge {

struct Webhook {
  // A header field by its name, without regard to case.
  std::function<std::optional<std::string_view>(std::string_view name)> field;
  std::string_view body;  // as it came, byte for byte
};

// ErrorKind::permission when whoever sent it does not know the secret: GitHub, Gitea and Forgejo
// sign the body with it (HMAC-SHA256), GitLab shows it. What is compared is compared in constant
// time.
base::Result<> verify(Forge forge, const Webhook& webhook, std::string_view secret);

// The same for a delivery that is tried again. ErrorKind::invalid when there is none.
base::Result<std::string> delivery_of(Forge forge, const Webhook& webhook);

// ErrorKind::invalid, with a hint, for what no forge sends.
base::Result<Notice> read_notice(Forge forge, const Webhook& webhook);

}  // namespace pipeline::forge
