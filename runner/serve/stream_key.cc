#include "runner/serve/stream_key.h"

#include "runner/store/stream_secret.h"
#include "runner/store/token.h"

namespace pipeline::serve {

const ofrep::StreamTickets& StreamKey::tickets() {
  if (!tickets_) {
    auto key = keep_key();
    if (!key) tell_("the key of change streams cannot be kept: " + key.error().to_string());
    tickets_.emplace(key ? *std::move(key) : store::make_webhook_secret());
  }
  return *tickets_;
}

base::Result<std::string> StreamKey::keep_key() {
  PIPELINE_ASSIGN(auto kept, secrets_.get(store::stream_secret()));
  if (kept) return *std::move(kept);
  std::string key = store::make_webhook_secret();
  PIPELINE_TRY(secrets_.set({.id = store::stream_secret(), .set_at = clock_.now()}, key));
  return key;
}

}  // namespace pipeline::serve
