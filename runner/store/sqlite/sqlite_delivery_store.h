// DeliveryStore on SQLite. See runner/store/delivery_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/delivery_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<DeliveryStore>> open_sqlite_delivery_store(const Paths& paths);

}  // namespace pipeline::store
