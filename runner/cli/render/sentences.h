// The sentences that displays share, each one line without a newline. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "runner/cli/render/board.h"
#include "runner/cli/render/style.h"

namespace pipeline::render {

// What others wrote (a reason, a detail, a command) in one line that is safe to print: of several
// lines the first and the last, which is where programs say what went wrong.
std::string one_line(const std::string& text);

// "run 12: shop, main at 3f2a1b7c with uncommitted changes"
std::string headline(run::RunId id, const plan::Plan& plan);

// "exit code 8", "waiting for unit", "from run 11": what a status alone does not say; may be empty.
std::string note_of(const Board& board, std::size_t job);

// "release it?: waits for anybody's approval: pipeline approve 12 go": what is said of a job, with
// the command that it waits for; may be empty.
std::string standing_of(const Board& board, std::size_t job);

// "pipeline approve 12 go lets it go on", a line with its newline for all that wait for people.
std::string how_to_approve(run::RunId id, const plan::Plan& plan, const run::RunState& state,
                           const CommandPlace& place);

// "prepared: instance 2 of 4 healthy": how far a deploy job came; empty when it deployed nothing.
std::string deployment_of(const Board& board, std::size_t job);

// "failed in 0.4s: exit code 8": a finished job, after its name.
std::string ending(const Board& board, std::size_t job, base::TimePoint now, Color color);

// "run 12 failed in 14.1s": how it ended, or stands.
std::string closing(const Board& board, base::TimePoint now, Color color);

// Columns of the longest job name, at most 24: what names are padded to.
std::size_t name_columns(const plan::Plan& plan);

}  // namespace pipeline::render
