// The messages of agent_messages.h as JSON objects, one member a field. Reading never throws:
// ErrorKind::invalid for what is no such message.
#pragma once

#include <string>
#include <string_view>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/result.h"

namespace pipeline::protocol {

std::string to_json(const Hello& message);
std::string to_json(const Welcome& message);
// Holds the secrets' values.
std::string to_json(const Grant& message);
std::string to_json(const Heartbeat& message);
std::string to_json(const HeartbeatReply& message);
std::string to_json(const FileReply& message);
std::string to_json(const JournalAsk& message);
std::string to_json(const JournalReply& message);
std::string to_json(const DeploymentTold& message);

// Of the types above.
template <class Message>
base::Result<Message> message_from_json(std::string_view text);

}  // namespace pipeline::protocol
