#include "stages/artifact/layer_archive.h"

#include <fcntl.h>

#include "stages/artifact/packer.h"
#include "stages/host/file.h"
#include "stages/workspace/layer_manifest.h"

namespace pipeline::artifact {

base::Result<> pack_layer(const workspace::LayerStore& store, const base::Digest& digest,
                          const std::filesystem::path& file) {
  PIPELINE_ASSIGN(const std::filesystem::path layer, store.find(digest));
  PIPELINE_ASSIGN(const auto view, workspace::MergedView::open({layer}));
  PIPELINE_ASSIGN(const auto entries, view.list(""));
  PIPELINE_ASSIGN(const auto whiteouts, workspace::whiteouts_in(view));
  PIPELINE_ASSIGN(const host::UniqueFd fd,
                  host::open_file(file, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  return pack(view, entries, whiteouts,
              [&](std::string_view bytes) { return host::write_all(fd.get(), bytes); });
}

base::Result<> unpack_layer(const workspace::LayerStore& store, const base::Digest& digest,
                            const std::filesystem::path& file) {
  PIPELINE_ASSIGN(const host::UniqueFd fd, host::open_file(file, O_RDONLY));
  return store.adopt(digest,
                     [&](int directory) { return unpack(fd.get(), directory, Contents::layer); });
}

}  // namespace pipeline::artifact
