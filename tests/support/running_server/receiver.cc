#include "tests/support/running_server/receiver.h"

#include "pipelines/base/text.h"

namespace pipeline::support {

Receiver::Receiver() {
  handler_.admits = [](const http::Request& request) {
    const unsigned status = request.method == "POST" ? 0 : 405;
    http::Admission admission{.largest_body = 1U << 20U};
    if (status != 0) admission.refusal = http::text_response(status, "text/plain", "POST it\n");
    return admission;
  };
  handler_.handles = [this](const auto& exchange) { exchange->answer(take(exchange->request())); };
}

http::Response Receiver::take(const http::Request& request) {
  const std::scoped_lock guard(mutex_);
  std::string path = "/" + base::join(request.target.path, "/");
  if (!request.target.raw_query.empty()) path += "?" + request.target.raw_query;
  received_.push_back({path, request.fields, request.body});
  Answer answer(200, "ok");
  if (!answers_.empty()) {
    answer = answers_.front();
    answers_.pop_front();
  }
  return http::text_response(answer.first, "text/plain", answer.second);
}

void Receiver::answer_with(std::deque<Answer> answers) {
  const std::scoped_lock guard(mutex_);
  answers_ = std::move(answers);
}

std::vector<Received> Receiver::received() const {
  const std::scoped_lock guard(mutex_);
  return received_;
}

}  // namespace pipeline::support
