// A happening as a CDEvent 0.5.1 in the binary mode of CloudEvents over HTTP. Pure.
//
// Sources: https://github.com/cdevents/spec/tree/v0.5.1 (spec.md, core.md, cloudevents-binding.md,
//   schemas/),
//   https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/notify/message.h"

namespace pipeline::notify {

// "pipelinerun.finished"; none: CDEvents has no word for it.
std::optional<std::string_view> cdevent_subject(const Happening& happening);

// The event, JSON. `id` is its own. REQUIRES: cdevent_subject() of it.
std::string cdevent_body(const News& news, const std::string& id);

// The ce- fields of the request that carries that body.
base::Result<Fields> cdevent_fields(std::string_view body);

}  // namespace pipeline::notify
