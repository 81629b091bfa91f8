#include "runner/cli/sent_tree.h"

#include "runner/cli/server_client.h"
#include "stages/source/push.h"
#include "stages/source/snapshot_ref.h"
#include "stages/source/tree_export.h"

namespace pipeline::cli {

base::Result<SentTree> send_working_tree(const std::string& repository, const ServerChoice& server,
                                         Context& context) {
  PIPELINE_ASSIGN(const http_client::Settings settings, settings_of(server));
  PIPELINE_ASSIGN(source::Source* const source, context.services.source());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const source::Revision revision, source->snapshot(context.directory));
  const source::TreeExport exports(paths->exports(), paths->mirrors());
  PIPELINE_ASSIGN(const std::string name, exports.publish(revision.repository, revision.tree));
  const std::string ref = source::snapshot_ref(revision.tree);
  const std::string url =
      settings.server.url_with("any", settings.token) + "/git/" + http_client::escaped(repository);
  const auto pushed =
      source::push_ref(paths->exports() / name, "refs/heads/" + revision.tree, url, ref);
  if (!pushed)
    return base::fail(
        base::Error(pushed.error().kind(),
                    "the server did not take the working tree: " + pushed.error().to_string())
            .hint("it has to host " + repository +
                  " (pipeline repo list), and the token to have "
                  "the scope run"));
  return SentTree{ref, revision.branch};
}

}  // namespace pipeline::cli
