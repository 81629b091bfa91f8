#include "agents/link/remote/agent_desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "agents/link/ending.h"
#include "pipelines/base/timestamp.h"
#include "stages/host/file.h"

namespace pipeline::link {

namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::fail;
using base::Result;

constexpr std::size_t kLongestName = 200;

// Names of ours: `log`, `log.tail.4096`, `services/db/log.index`, `tests.json`. An agent may be
// anybody who has a token, so nothing that leads elsewhere is one.
bool is_file_name(std::string_view file) {
  if (file.empty() || file.size() > kLongestName || file == kLeaseName) return false;
  bool starts_part = true;
  for (const char c : file) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool is_inner = c == '.' || c == '-' || c == '_' || c == '/';
    if (!is_word && (!is_inner || starts_part)) return false;
    starts_part = c == '/';
  }
  return !starts_part;
}

std::vector<base::Digest> made_by(const run::JobFinished& finished) {
  std::vector<base::Digest> made;
  if (finished.outputs) made.push_back(*finished.outputs);
  return made;
}

AttemptKey key_of(const protocol::JobOrder& order) {
  return {order.run, order.job, order.attempt};
}

std::optional<DeployedPlace> place_in(const protocol::JobOrder& order) {
  const auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work);
  if (deploy == nullptr) return std::nullopt;
  return DeployedPlace{order.pipeline, deploy->environment.name, deploy->promote_from,
                       deploy->action == protocol::DeployAction::look};
}

std::string alone_at(const std::optional<DeployedPlace>& place) {
  return place ? "deployment to " + place->pipeline + "/" + place->environment : "";
}

base::Error lease_is_over() {
  return {ErrorKind::conflict, "the lease of this attempt is over"};
}

}  // namespace

Need AgentDesk::need_of(const protocol::JobOrder& order) const {
  Need need;
  if (const auto* command = std::get_if<protocol::CommandOrder>(&order.work)) {
    const auto& labels = command->work.agent.labels;
    need.labels = labels.empty() ? labels_ : std::set<std::string>(labels.begin(), labels.end());
    need.uses = command->layers;
  }
  if (const auto* deploy = std::get_if<protocol::DeployOrder>(&order.work)) {
    const auto& labels = deploy->environment.agent.labels;
    need.labels = {labels.begin(), labels.end()};
    need.agent = deploy->machine;
    need.alone = alone_at(place_in(order));
    need.is_look = deploy->action == protocol::DeployAction::look;
  }
  return need;
}

void AgentDesk::offer(protocol::Grant work, EventSink& sink) {
  const std::scoped_lock guard(mutex_);
  const AttemptKey key = key_of(work.order);
  board_.offer(key, need_of(work.order));
  Attempt& attempt = attempts_[key];
  attempt = {.log_directory = work.order.log_directory, .sink = &sink};
  attempt.place = place_in(work.order);
  attempt.work = std::move(work);
  match();
}

Result<std::optional<std::vector<run::Event>>> AgentDesk::resume(const EarlierAttempt& earlier,
                                                                 EventSink& sink) {
  PIPELINE_ASSIGN(const auto lease, read_lease(earlier.log_directory));
  if (!lease) return std::nullopt;
  ReportReader reader(earlier.log_directory);
  PIPELINE_ASSIGN(std::vector<run::Event> reports, reader.read());
  if (end_among(reports) != nullptr) return reports;
  const std::scoped_lock guard(mutex_);
  const AttemptKey key{earlier.run, earlier.job, earlier.attempt};
  board_.adopt(key, lease->agent, lease->fence, clock_.now(), alone_at(lease->place));
  Attempt& attempt = attempts_[key];
  attempt = {.log_directory = earlier.log_directory, .sink = &sink};
  attempt.place = lease->place;
  attempt.reports = std::move(reader);
  return reports;
}

void AgentDesk::stop(const Instruction& instruction) {
  const std::scoped_lock guard(mutex_);
  const auto found = attempts_.find(instruction.attempt);
  if (found == attempts_.end()) return;
  if (found->second.work) {
    board_.withdraw(instruction.attempt);
    return end(found->first, found->second, instruction.as, instruction.reason);
  }
  auto& told = found->second.instruction;
  if (!told || instruction.kind != Instruction::Kind::stop) told = instruction;
}

template <class Which>
void AgentDesk::forget_if(const Which& which) {
  const std::scoped_lock guard(mutex_);
  std::erase_if(attempts_, [&](const auto& entry) {
    if (!which(entry.first)) return false;
    board_.withdraw(entry.first);
    board_.end(entry.first, {});
    return true;
  });
  match();
}

void AgentDesk::forget(run::RunId run) {
  forget_if([&](const AttemptKey& key) { return key.run == run; });
}

void AgentDesk::forget(const AttemptKey& attempt) {
  forget_if([&](const AttemptKey& key) { return key == attempt; });
}

void AgentDesk::welcome(const AgentName& agent, std::set<std::string> labels,
                        LeaseBoard::Deploys deploys) {
  const std::scoped_lock guard(mutex_);
  board_.welcome(agent, std::move(labels), deploys);
  match();
}

void AgentDesk::set_takes(const AgentName& agent, LeaseBoard::Takes takes) {
  const std::scoped_lock guard(mutex_);
  board_.set_takes(agent, takes);
  match();
}

void AgentDesk::farewell(const AgentName& agent) {
  const std::scoped_lock guard(mutex_);
  board_.farewell(agent);
}

Ticket AgentDesk::ask(const AgentName& agent, OnGrant on_grant) {
  const std::scoped_lock guard(mutex_);
  const Ticket ticket = ++last_ticket_;
  asking_[ticket] = std::move(on_grant);
  board_.ask(ticket, agent);
  match();
  return ticket;
}

void AgentDesk::leave(Ticket ticket) {
  const std::scoped_lock guard(mutex_);
  board_.leave(ticket);
  asking_.erase(ticket);
  const auto lost = std::ranges::find_if(
      attempts_, [&](const auto& entry) { return entry.second.granted == ticket; });
  if (lost == attempts_.end()) return;
  board_.end(lost->first, {});
  offer_again(lost->first, lost->second);
  match();
}

void AgentDesk::match() {
  for (const LeaseBoard::Grant& granted : board_.match(clock_.now())) {
    Attempt& attempt = attempts_.at(granted.attempt);
    attempt.granted = granted.ticket;
    attempt.work->fence = granted.fence;
    asking_.extract(granted.ticket).mapped()(*attempt.work);
  }
}

void AgentDesk::offer_again(const AttemptKey& key, Attempt& attempt) {
  attempt.granted.reset();
  board_.offer(key, need_of(attempt.work->order));
}

AgentDesk::Attempt* AgentDesk::find(const AgentName& agent, const AttemptWord& word) {
  if (!board_.renew(agent, word.attempt, word.fence, clock_.now())) return nullptr;
  return &attempts_.at(word.attempt);
}

// The lease is on the disk before the agent acts on it: a job whose lease is not known is never
// run.
Result<> AgentDesk::take(const AgentName& agent, const AttemptWord& word, Attempt& attempt) {
  if (!attempt.work) return {};
  const auto& [run, job, number] = word.attempt;
  if (auto written = write_lease(attempt.log_directory, {agent, word.fence, attempt.place});
      !written) {
    end(word.attempt, attempt, run::JobStatus::errored, written.error().to_string());
    return written;
  }
  attempt.work.reset();
  attempt.granted.reset();
  attempt.reports.emplace(attempt.log_directory);
  attempt.sink->post(run::JobLeased{job, number, agent});
  return {};
}

std::vector<Instruction> AgentDesk::renew(const AgentName& agent,
                                          const std::vector<AttemptWord>& words) {
  const std::scoped_lock guard(mutex_);
  std::vector<Instruction> instructions;
  for (const AttemptWord& word : words) {
    Attempt* const attempt = find(agent, word);
    if (attempt == nullptr || !take(agent, word, *attempt)) {
      instructions.push_back(
          {.attempt = word.attempt, .kind = Instruction::Kind::drop, .reason = {}});
    } else if (attempt->instruction) {
      instructions.push_back(*attempt->instruction);
    }
  }
  return instructions;
}

Result<std::uint64_t> AgentDesk::append(const AgentName& agent, const AttemptWord& word,
                                        std::string_view file, std::uint64_t offset,
                                        std::string_view bytes) {
  if (!is_file_name(file))
    return fail(ErrorKind::invalid, "\"" + std::string(file) + "\" is no file of an attempt");
  const std::scoped_lock guard(mutex_);
  Attempt* const held = find(agent, word);
  if (held == nullptr) return fail(lease_is_over());
  Attempt& attempt = *held;
  PIPELINE_TRY(take(agent, word, attempt));
  const fs::path path = attempt.log_directory / file;
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  PIPELINE_ASSIGN(const host::UniqueFd open,
                  host::open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600));
  const ::off_t end = ::lseek(open.get(), 0, SEEK_END);
  if (end < 0) return fail(base::Error::from_errno(errno, "look at " + path.string()));
  auto size = static_cast<std::uint64_t>(end);
  if (offset > size || offset + bytes.size() <= size) return size;
  const std::string_view news = bytes.substr(size - offset);
  PIPELINE_TRY(host::write_all(open.get(), news));
  size += news.size();
  if (path == report_file_of(attempt.log_directory)) PIPELINE_TRY(hear(word.attempt, attempt));
  return size;
}

Result<DeployedPlace> AgentDesk::place_of(const AgentName& agent, const AttemptWord& word) {
  const std::scoped_lock guard(mutex_);
  const Attempt* const held = find(agent, word);
  if (held == nullptr || held->work) return fail(lease_is_over());
  if (held->place) return *held->place;
  return fail(ErrorKind::invalid, "this attempt does not deploy");
}

std::map<AttemptKey, DeployedPlace> AgentDesk::deployments() {
  const std::scoped_lock guard(mutex_);
  std::map<AttemptKey, DeployedPlace> all;
  for (const auto& [key, attempt] : attempts_)
    if (attempt.place && !attempt.work) all.emplace(key, *attempt.place);
  return all;
}

Result<> AgentDesk::hear(const AttemptKey& key, Attempt& attempt) {
  PIPELINE_ASSIGN(std::vector<run::Event> reports, attempt.reports->read());
  std::optional<std::vector<base::Digest>> made;
  if (const auto* finished = end_among(reports)) made = made_by(*finished);
  for (run::Event& report : reports) attempt.sink->post(std::move(report.body));
  if (!made) return {};
  board_.end(key, *made);
  attempts_.erase(key);
  match();
  return {};
}

void AgentDesk::end(const AttemptKey& key, Attempt& attempt, run::JobStatus as,
                    std::string reason) {
  attempt.sink->post(ending(key.job, key.attempt, as, std::move(reason)));
  board_.end(key, {});
  attempts_.erase(AttemptKey(key));
}

void AgentDesk::advance() {
  const std::scoped_lock guard(mutex_);
  for (const auto& [key, agent, last_heard] : board_.take_lost(clock_.now())) {
    Attempt& attempt = attempts_.at(key);
    if (attempt.work) {
      offer_again(key, attempt);
    } else {
      remove_lease(attempt.log_directory);
      end(key, attempt, run::JobStatus::errored,
          "agent lost: " + agent + " (last heard " + base::format_timestamp(last_heard) + ")");
    }
  }
  match();
}

std::optional<base::TimePoint> AgentDesk::deadline() {
  const std::scoped_lock guard(mutex_);
  return board_.deadline();
}

std::vector<AgentDesk::Waiting> AgentDesk::waiting(run::RunId run) {
  const std::scoped_lock guard(mutex_);
  std::vector<Waiting> waiting;
  for (auto one = attempts_.lower_bound({run, "", 0}); one != attempts_.end(); ++one) {
    if (one->first.run != run) break;
    if (one->second.work && !one->second.granted)
      waiting.push_back({one->first.job, board_.reason_to_wait(one->first)});
  }
  return waiting;
}

LeaseBoard::Counts AgentDesk::counts() {
  const std::scoped_lock guard(mutex_);
  return board_.counts();
}

}  // namespace pipeline::link
