// Talking to a remote repository: as whom, whom it trusts, and what its failures mean to a person.
// For this folder only.
#pragma once

#include "stages/source/git_handle.h"
#include "stages/source/location.h"
#include "stages/source/source.h"

namespace pipeline::source {

// What libgit2 calls back with, for one connection at a time.
class RemoteCalls {
 public:
  // `observer` must outlive it.
  explicit RemoteCalls(const FetchObserver& observer) : observer_(observer) {}

  // They refer to this.
  git_remote_callbacks callbacks();

 private:
  static int on_progress(const git_indexer_progress* progress, void* payload);
  static int answer_credentials(git_credential** out, const char* url, const char* user,
                                unsigned allowed, void* payload);

  const FetchObserver& observer_;
  bool answered_ = false;  // a question for credentials
};

// Before each connection: loads the certificates that it will need.
base::Result<> prepare_connection(const RemoteLocation& location);

// What the call of libgit2 that just returned `code` on this thread means.
base::Error remote_failure(int code, const RemoteLocation& location);

}  // namespace pipeline::source
