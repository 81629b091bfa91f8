#include "runner/cli/desk_place.h"

#include "runner/cli/local_desk.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_desk.h"

namespace pipeline::cli {

base::Result<DeskPlace> open_desk_place(const ServerChoice& choice, const Context& context) {
  if (is_of_server(choice)) {
    PIPELINE_ASSIGN(auto desk, ServerDesk::open(choice));
    return DeskPlace{std::move(desk), commands_of(choice)};
  }
  PIPELINE_ASSIGN(auto desk, local_desk(context));
  return DeskPlace{std::move(desk), commands_of(choice)};
}

}  // namespace pipeline::cli
