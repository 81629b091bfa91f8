#include "runner/cli/render/json.h"

#include "pipelines/run/event_json.h"

namespace pipeline::render {

void JsonReporter::on_event(const run::Event& event) {
  output_.write(run::to_json(event) + "\n");
}

void JsonReporter::on_waiting(const std::string& /*job*/, const std::string& /*reason*/) {}

void JsonReporter::on_tick(base::TimePoint /*now*/) {}

void JsonReporter::finish(base::TimePoint /*now*/) {}

}  // namespace pipeline::render
