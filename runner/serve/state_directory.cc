#include "runner/serve/state_directory.h"

#include <filesystem>

#include "runner/server/git/ref_question.h"
#include "runner/store/token.h"
#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::serve {

using base::Result;

namespace {

constexpr const char* kAdmin = "admin";

}  // namespace

Result<> prepare_state_directory(const store::Paths& paths) {
  PIPELINE_TRY(host::remove_all(paths.uploads()));
  for (const auto& directory : {paths.repositories(), paths.exports(), paths.packed_layers(),
                                paths.uploads(), paths.artifacts()}) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
      return base::fail(base::Error::from_errno(error.value(), "make " + directory.string()));
  }
  return server::install_hooks(paths.git_hooks());
}

Result<> make_first_token(const store::Paths& paths, store::TokenStore& tokens, base::TimePoint now,
                          const std::function<void(const std::string& line)>& tell) {
  PIPELINE_ASSIGN(const auto all, tokens.list());
  if (!all.empty()) return {};
  const std::string token = store::make_token();
  // The file first: a token that nobody knows would keep the next start from making one.
  PIPELINE_TRY(host::write_file(paths.admin_token(), token + "\n", host::Durability::synced, 0600));
  PIPELINE_TRY(tokens.add({.name = kAdmin, .scopes = {kAdmin}, .created_at = now},
                          store::digest_of_token(token)));
  tell("the first token, which may do everything, is in " + paths.admin_token().string());
  return {};
}

}  // namespace pipeline::serve
