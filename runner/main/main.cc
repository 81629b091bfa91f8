// pipeline: the command line program.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "runner/cli/exit_code.h"
#include "runner/cli/program.h"
#include "runner/main/parts.h"

int main(int argc, char** argv) {
  try {
    pipeline::Parts parts;
    return pipeline::cli::run_program(std::vector<std::string>(argv + 1, argv + argc), parts);
  } catch (const std::exception& exception) {
    // Ours to fix: what users and machines do wrong comes back as a Result.
    std::cerr << "error: " << exception.what() << "\nhint: this is a defect of pipeline\n";
    return pipeline::cli::ExitCode::errored;
  }
}
