// Whether somebody is there of whom another table is about to speak. May throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "pipelines/access/subject.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

// ErrorKind::not_found when there is no such user or group.
inline base::Result<> expect_row(SQLite::Database& database, const access::Subject& subject) {
  const bool is_group = subject.kind == access::Subject::Kind::group;
  SQLite::Statement query(database, is_group ? "SELECT 1 FROM user_groups WHERE name = ?"
                                             : "SELECT 1 FROM users WHERE name = ?");
  query.bind(1, subject.name);
  if (query.executeStep()) return {};
  const std::string what = is_group ? "group" : "user";
  return base::fail(
      base::Error(base::ErrorKind::not_found, "there is no " + what + " \"" + subject.name + "\"")
          .hint("pipeline " + what + " add " + subject.name + " makes it known"));
}

}  // namespace pipeline::store
