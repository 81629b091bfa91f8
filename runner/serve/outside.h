// Whom a server speaks to outside, made of what its settings and its environment say.
#pragma once

#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "runner/identity/provider.h"
#include "runner/notify/mailer.h"
#include "runner/settings/server_settings.h"
#include "runner/trace/otlp_receiver.h"

namespace pipeline::serve {

// None where the settings have none. Secrets are read from their files. ErrorKind::invalid, with
// what to say instead, for what cannot be.
base::Result<std::optional<notify::MailServer>> mail_server_of(
    const settings::ServerSettings& settings);
base::Result<std::optional<identity::ProviderSettings>> provider_of(
    const settings::ServerSettings& settings);

struct Outside {
  std::optional<notify::MailServer> mail{};              // none: no mail leaves
  std::optional<identity::ProviderSettings> provider{};  // none: people have only tokens
  std::optional<trace::OtlpReceiver> traces{};           // none: nobody wants any
};
base::Result<Outside> outside_of(const settings::ServerSettings& settings);

}  // namespace pipeline::serve
