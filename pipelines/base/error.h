// What went wrong, for code (kind) and for a person (message, context, hint). A value; safe to copy
// between threads.
//
// Messages are lowercase fragments that join to one sentence: "failed to sync shop: failed to open
// /x: permission denied".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::base {

// What a caller may want to decide on. Anything finer belongs in the message.
enum class ErrorKind {
  invalid,         // the user's input is wrong; exit code 2
  not_found,       // what was named does not exist
  already_exists,  //
  permission,      // the operating system, or a policy, said no
  unavailable,     // a tool or kernel feature is missing, a peer does not answer
  conflict,        // somebody else holds it, or it changed meanwhile
  corrupt,         // stored bytes are not what was stored
  exhausted,       // disk, memory, descriptors, ports: a limit was hit
  cancelled,       // the user, or a caller, asked to stop
  timed_out,       //
  failed,          // a command of the user said no; exit code 1
  io,              // any other refusal of the operating system
  internal,        // our own bug
};

std::string_view to_string(ErrorKind kind);

class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  // From an errno value: `what` names the attempt, "open /x". The kind is chosen here and nowhere
  // else.
  static Error from_errno(int errno_value, std::string_view what);

  // Puts the attempt in front: Error("no space").during("save the log") reads "failed to save the
  // log: no space".
  Error during(std::string_view attempt) &&;
  // What the user can do next; shown on a line of its own. A later call wins only if there was
  // none.
  Error hint(std::string next_step) &&;

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::optional<std::string>& hint() const { return hint_; }
  bool operator==(const Error&) const = default;
  // Context and message in one line, outermost attempt first. No hint.
  std::string to_string() const;

 private:
  ErrorKind kind_;
  std::string message_;
  std::vector<std::string> attempts_;  // innermost first
  std::optional<std::string> hint_;
};

}  // namespace pipeline::base
