// A layer as one file, to take it to another machine: a tar archive like an artifact's, with the
// layer's whiteouts.
#pragma once

#include <filesystem>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "stages/workspace/layer_store.h"

namespace pipeline::artifact {

// Packs a layer of the store into the file, which is made. ErrorKind::not_found when the layer is
// not here.
base::Result<> pack_layer(const workspace::LayerStore& store, const base::Digest& digest,
                          const std::filesystem::path& file);

// Takes the layer that the file holds into the store. ErrorKind::corrupt when it is another, or
// something that pack_layer() would not have written.
base::Result<> unpack_layer(const workspace::LayerStore& store, const base::Digest& digest,
                            const std::filesystem::path& file);

}  // namespace pipeline::artifact
