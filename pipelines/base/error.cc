#include "pipelines/base/error.h"

#include <cerrno>
#include <system_error>

namespace pipeline::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::not_found:
      return "not-found";
    case ErrorKind::already_exists:
      return "already-exists";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::exhausted:
      return "exhausted";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::timed_out:
      return "timed-out";
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::io:
      return "io";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

namespace {

ErrorKind kind_of_errno(int value) {
  switch (value) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
      return ErrorKind::not_found;
    case EEXIST:
      return ErrorKind::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::permission;
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
      return ErrorKind::exhausted;
    case EBUSY:
    case EADDRINUSE:
      return ErrorKind::conflict;
    case ETIMEDOUT:
      return ErrorKind::timed_out;
    case ENOSYS:
    case EOPNOTSUPP:
    case ECONNREFUSED:
      return ErrorKind::unavailable;
    case EINTR:
    case ECANCELED:
      return ErrorKind::cancelled;
    default:
      return ErrorKind::io;
  }
}

}  // namespace

Error Error::from_errno(int errno_value, std::string_view what) {
  Error error(kind_of_errno(errno_value), std::generic_category().message(errno_value));
  if (errno_value == ENOSPC || errno_value == EDQUOT)
    error.hint_ = "free some space there, or let PIPELINE_HOME name a directory that has some";
  return std::move(error).during(what);
}

Error Error::during(std::string_view attempt) && {
  attempts_.push_back("failed to " + std::string(attempt));
  return std::move(*this);
}

Error Error::hint(std::string next_step) && {
  if (!hint_) hint_ = std::move(next_step);
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text;
  for (auto attempt = attempts_.rbegin(); attempt != attempts_.rend(); ++attempt) {
    text += *attempt + ": ";
  }
  return text + message_;
}

}  // namespace pipeline::base
