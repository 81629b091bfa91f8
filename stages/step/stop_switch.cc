#include "stages/step/stop_switch.h"

namespace pipeline::step {

void StopSwitch::stop(run::JobStatus as, const std::string& reason) {
  const std::scoped_lock guard(mutex_);
  if (!wish_) wish_ = Verdict{as, reason};
  pass_on();
}

void StopSwitch::stop_now() {
  const std::scoped_lock guard(mutex_);
  if (!wish_) wish_ = Verdict{run::JobStatus::cancelled, "cancelled"};
  now_ = true;
  pass_on();
}

std::optional<Verdict> StopSwitch::wish() const {
  const std::scoped_lock guard(mutex_);
  return wish_;
}

void StopSwitch::arm(sandbox::RunningSandbox& running) {
  const std::scoped_lock guard(mutex_);
  running_ = &running;
  if (wish_) pass_on();
}

void StopSwitch::disarm() {
  const std::scoped_lock guard(mutex_);
  running_ = nullptr;
}

void StopSwitch::pass_on() {
  if (running_ == nullptr) return;
  running_->stop(wish_->status == run::JobStatus::timed_out ? sandbox::StopCause::timed_out
                                                            : sandbox::StopCause::cancelled);
  if (now_) running_->stop_now();
}

}  // namespace pipeline::step
