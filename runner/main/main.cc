// pipeline: the command line program.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "runner/cli/exit_code.h"
#include "runner/cli/program.h"
#include "runner/main/parts.h"
#include "runner/main/supervised_job.h"

int main(int argc, char** argv) {
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (pipeline::is_supervised_job(arguments)) {
      return pipeline::supervised_job(arguments, pipeline::ShownArguments(argc, argv));
    }
    pipeline::Parts parts;
    return pipeline::cli::run_program(std::move(arguments), parts);
  } catch (const std::exception& exception) {
    // Ours to fix: what users and machines do wrong comes back as a Result.
    std::cerr << "error: " << exception.what() << "\nhint: this is a defect of pipeline\n";
    return pipeline::cli::ExitCode::errored;
  }
}
