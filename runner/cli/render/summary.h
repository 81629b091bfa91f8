// How a run is told at its end, and by `pipeline show`: a table of its jobs, the artifacts it made,
// its warnings, each failure with its last lines and the command that shows the rest. Pure but for
// `tail`.
#pragma once

#include <cstddef>
#include <string>

#include "runner/cli/render/board.h"
#include "runner/cli/render/reporter.h"

namespace pipeline::render {

// Lines of a table that goes to a file or a program.
inline constexpr std::size_t kPipedColumns = 120;

// `width` 0: nobody looks at it. Ends in a newline.
std::string job_table(const Board& board, base::TimePoint now, Color color, std::size_t width);
std::string artifact_lines(const Board& board);
std::string warnings(const Board& board, Color color);
// "tests unit: 41 passed, 2 failed", a line for each job that left a report.
std::string test_lines(const Board& board);
// Of jobs that failed, and the failing tests of those that succeeded all the same.
std::string failures(const Board& board, const LogTail& tail, Color color);

// Ended as something to look into.
bool is_failure(run::JobStatus status);
// "service db of tests: pipeline logs 3 tests --service db": its log is kept apart.
std::string service_line(const Board& board, std::size_t job, const std::string& service);

// All of it; how the run ended is closing() of sentences.h.
std::string summary(const Board& board, const LogTail& tail, base::TimePoint now, Color color,
                    std::size_t width);

}  // namespace pipeline::render
