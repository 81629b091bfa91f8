#include "agents/protocol/agent_messages_json.h"

#include "agents/protocol/job_order_codec.h"

namespace pipeline::run {
BOOST_DESCRIBE_ENUM(JobStatus, waiting, queued, leased, running, finishing, succeeded, failed,
                    errored, timed_out, cancelled, skipped, cached)
}  // namespace pipeline::run

namespace pipeline::protocol {

BOOST_DESCRIBE_STRUCT(AttemptKey, (), (run, job, attempt))
BOOST_DESCRIBE_STRUCT(AttemptWord, (), (attempt, fence))
using InstructionKind = Instruction::Kind;
BOOST_DESCRIBE_ENUM(InstructionKind, stop, stop_now, drop)
BOOST_DESCRIBE_STRUCT(Instruction, (), (attempt, kind, as, reason))
BOOST_DESCRIBE_STRUCT(Hello, (), (major, minor, agent, program, labels, slots))
BOOST_DESCRIBE_STRUCT(Welcome, (), (major, minor, heartbeat, lease, program))
BOOST_DESCRIBE_STRUCT(Grant, (), (fence, order, trees))
BOOST_DESCRIBE_STRUCT(MachineState, (),
                      (disk_size, disk_free, memory_size, memory_available, load, processors))
BOOST_DESCRIBE_STRUCT(Heartbeat, (), (attempts, machine))
BOOST_DESCRIBE_STRUCT(HeartbeatReply, (), (instructions))
BOOST_DESCRIBE_STRUCT(FileReply, (), (size))
using JournalAskKind = JournalAsk::Kind;
BOOST_DESCRIBE_ENUM(JournalAskKind, turn, append, read, settings, leave)
BOOST_DESCRIBE_STRUCT(JournalAsk, (), (kind, environment, turn, entry))
BOOST_DESCRIBE_STRUCT(JournalReply, (), (turn, holder, entries, newest, settings))
BOOST_DESCRIBE_STRUCT(InstanceTold, (),
                      (name, release, address, pid, healthy, in_traffic, is_looked_at))
BOOST_DESCRIBE_STRUCT(DeploymentTold, (),
                      (verdict, release, is_its_fault, error, reason, hint, instances))

namespace {

namespace json = boost::json;
namespace codec = rollout::codec;

template <class Message>
std::string write(const Message& message) {
  return json::serialize(codec::encode(message));
}

}  // namespace

std::string to_json(const Hello& message) {
  return write(message);
}
std::string to_json(const Welcome& message) {
  return write(message);
}
std::string to_json(const Grant& message) {
  return write(message);
}
std::string to_json(const Heartbeat& message) {
  return write(message);
}
std::string to_json(const HeartbeatReply& message) {
  return write(message);
}
std::string to_json(const FileReply& message) {
  return write(message);
}
std::string to_json(const JournalAsk& message) {
  return write(message);
}
std::string to_json(const JournalReply& message) {
  return write(message);
}
std::string to_json(const DeploymentTold& message) {
  return write(message);
}

template <class Message>
base::Result<Message> message_from_json(std::string_view text) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;  // a secret may be any bytes
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  Message message;
  // Nothing of the text is shown: it may hold secrets.
  if (error || !codec::decode(value, message))
    return base::fail(base::ErrorKind::invalid, "this is not the message that was expected");
  return message;
}

template base::Result<Hello> message_from_json(std::string_view);
template base::Result<Welcome> message_from_json(std::string_view);
template base::Result<Grant> message_from_json(std::string_view);
template base::Result<Heartbeat> message_from_json(std::string_view);
template base::Result<HeartbeatReply> message_from_json(std::string_view);
template base::Result<FileReply> message_from_json(std::string_view);
template base::Result<JournalAsk> message_from_json(std::string_view);
template base::Result<JournalReply> message_from_json(std::string_view);
template base::Result<DeploymentTold> message_from_json(std::string_view);

}  // namespace pipeline::protocol
