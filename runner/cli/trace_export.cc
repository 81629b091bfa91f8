#include "runner/cli/trace_export.h"

#include "runner/cli/help.h"
#include "runner/notify/outgoing.h"
#include "runner/trace/otlp.h"
#include "runner/trace/otlp_receiver.h"
#include "stages/host/machine.h"

namespace pipeline::cli {

std::string trace_body(run::RunId run, const plan::Plan& plan,
                       const std::vector<run::Event>& events) {
  return trace::to_otlp_json(trace::trace_of(run, plan, events), version(),
                             host::machine_name().value_or(""));
}

base::Result<> export_trace(run::RunId run, const plan::Plan& plan, store::RunStore& store) {
  PIPELINE_ASSIGN(const auto receiver, trace::otlp_receiver_of(trace::find_in_environment));
  if (!receiver) return {};
  PIPELINE_ASSIGN(const auto events, store.events(run));
  notify::Outgoing outgoing;
  PIPELINE_TRY(http_client::expect_success(outgoing.post(
      receiver->url, receiver->fields, "application/json", trace_body(run, plan, events))));
  return {};
}

}  // namespace pipeline::cli
