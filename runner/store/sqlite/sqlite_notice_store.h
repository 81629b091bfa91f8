// NoticeStore on SQLite. See runner/store/notice_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/notice_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<NoticeStore>> open_sqlite_notice_store(const Paths& paths);

}  // namespace pipeline::store
