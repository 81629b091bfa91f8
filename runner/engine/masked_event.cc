#include "runner/engine/masked_event.h"

namespace pipeline::engine {

namespace {

struct MaskTexts {
  secret::Masker& masker;

  void operator()(run::CommandStarted& event) const { mask(event.command); }
  void operator()(run::DeploymentAdvanced& event) const { mask(event.detail); }
  void operator()(run::JobFinished& event) const {
    mask(event.reason);
    for (std::string& warning : event.warnings) mask(warning);
    if (!event.tests) return;
    for (report::FailedTest& test : event.tests->failures) {
      for (std::string* text : {&test.name, &test.place, &test.message}) mask(*text);
    }
  }
  void operator()(run::JobWaiting& event) const { mask(event.reason); }
  void operator()(run::JobRetried& event) const { mask(event.reason); }
  void operator()(run::JobSkipped& event) const { mask(event.reason); }
  void operator()(run::JobStopRequested& event) const { mask(event.reason); }
  void operator()(run::RunCancelRequested& event) const { mask(event.reason); }
  void operator()(run::RunFinished& event) const { mask(event.reason); }
  // These carry names and numbers.
  void operator()(run::RunCreated& /*event*/) const {}
  void operator()(run::JobQueued& /*event*/) const {}
  void operator()(run::JobLeased& /*event*/) const {}
  void operator()(run::JobStarted& /*event*/) const {}
  void operator()(run::CommandFinished& /*event*/) const {}
  void operator()(run::JobFinishing& /*event*/) const {}
  void operator()(run::JobCached& /*event*/) const {}
  void operator()(run::RunRetried& /*event*/) const {}
  void operator()(run::RunWaiting& /*event*/) const {}
  void operator()(run::ChildRunStarted& /*event*/) const {}

 private:
  void mask(std::string& text) const { text = masker.mask(text); }
};

}  // namespace

void mask_texts(run::EventBody& body, secret::Masker& masker) {
  std::visit(MaskTexts{masker}, body);
}

}  // namespace pipeline::engine
