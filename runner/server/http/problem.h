// What went wrong, as a response: application/problem+json (RFC 9457), with a member `hint` of
// ours.
#pragma once

#include "pipelines/base/error.h"
#include "runner/server/http/message.h"

namespace pipeline::http {

// `detail` is a sentence for a person.
Response problem(unsigned status, std::string_view detail);
// With the status that belongs to its kind.
Response problem(const base::Error& error);
// The phrase of a status; empty for one that is not known.
std::string_view phrase_of(unsigned status);

}  // namespace pipeline::http
