// What tables know of a repository of a server, by its name.
#pragma once

#include <SQLiteCpp/VariadicBind.h>

#include <string>

#include "runner/store/sqlite/database.h"

namespace pipeline::store {

// Deletes its rows from the table, which has a column `repository`; `what` names them for a person.
inline base::Result<> forget_rows(Database& database, const std::string& table,
                                  const std::string& what, const std::string& repository) {
  return database.guarded("forget the " + what + " of " + repository, [&]() -> base::Result<> {
    SQLite::Statement statement(database.handle(),
                                "DELETE FROM " + table + " WHERE repository = ?");
    SQLite::bind(statement, repository);
    statement.exec();
    return {};
  });
}

}  // namespace pipeline::store
