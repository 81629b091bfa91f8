#include "runner/server/git/http_backend.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/text.h"
#include "runner/server/http/paced_stream.h"
#include "runner/server/http/problem.h"
#include "stages/host/file.h"
#include "stages/host/process.h"

namespace pipeline::server {

namespace {

using base::Result;
using http::Request;
using http::Response;

constexpr std::size_t kPiece = std::size_t{64} << 10U;
constexpr std::size_t kLongestHead = std::size_t{16} << 10U;
constexpr int kLookForThePeer = 500;  // milliseconds

std::string field_of(const Request& request, std::string_view name) {
  return std::string(request.fields.find(name).value_or(""));
}

std::map<std::string, std::string> environment_of(const GitRequest& request) {
  const Request& asked = request.exchange->request();
  const char* const path = ::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::map<std::string, std::string> env = {
      {"PATH", path == nullptr ? "/usr/bin:/bin" : path},
      {"GIT_PROJECT_ROOT", request.root.string()},
      {"GIT_HTTP_EXPORT_ALL", "1"},
      {"PATH_INFO", "/" + request.path},
      {"REQUEST_METHOD", asked.method},
      {"QUERY_STRING", asked.target.raw_query},
      {"CONTENT_TYPE", field_of(asked, "Content-Type")},
      {"REMOTE_ADDR", asked.peer},
      // What the machine's users configured for their own git is not for these repositories.
      {"GIT_CONFIG_NOSYSTEM", "1"},
      {"HOME", "/nonexistent"},
  };
  // Who pushed what is known from then on; what we keep aside is nobody else's.
  std::vector<std::pair<const char*, std::string>> settings = {
      {"core.logAllRefUpdates", "always"}, {"transfer.hideRefs", "refs/pipeline"}};
  if (request.answer) settings.emplace_back("core.hooksPath", request.hooks.string());
  env["GIT_CONFIG_COUNT"] = std::to_string(settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    env["GIT_CONFIG_KEY_" + std::to_string(i)] = settings[i].first;
    env["GIT_CONFIG_VALUE_" + std::to_string(i)] = settings[i].second;
  }
  if (const auto version = asked.fields.find("Git-Protocol"))
    env["GIT_PROTOCOL"] = std::string(*version);
  if (const auto encoding = asked.fields.find("Content-Encoding"))
    env["HTTP_CONTENT_ENCODING"] = std::string(*encoding);
  if (!request.user.empty()) env["REMOTE_USER"] = request.user;
  return env;
}

// The head of a CGI answer: "Status" is the status, the rest are fields.
Response response_of(std::string_view head) {
  Response response;
  for (const std::string& line : base::split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string name = line.substr(0, colon);
    const std::string value(base::trim(line.substr(colon + 1)));
    if (name == "Status")
      std::from_chars(value.data(), value.data() + value.size(), response.status);
    else
      response.fields.add(std::move(name), value);
  }
  return response;
}

class Backend {
 public:
  explicit Backend(const GitRequest& request) : request_(request) {}

  Result<> serve() {
    PIPELINE_TRY(start());
    PIPELINE_ASSIGN(std::string begun, read_head());
    http::PacedStream stream(request_.exchange, response_of(head_));
    bool is_heard = stream.send(std::move(begun));
    while (is_heard) {
      std::string piece = read(stream);
      if (piece.empty()) break;
      is_heard = stream.send(std::move(piece));
    }
    if (stream.has_left()) (void)git_->signal(SIGKILL);
    (void)git_->wait();
    // Whatever git says: refs may have moved before the peer left.
    if (request_.when_done) request_.when_done();
    return {};
  }

 private:
  Result<> start() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
      return base::fail(base::Error::from_errno(errno, "make a pipe"));
    out_.reset(pipe[0]);
    const host::UniqueFd theirs(pipe[1]);
    host::UniqueFd asks;
    PIPELINE_TRY(make_questions(asks));
    host::UniqueFd body;
    const auto& file = request_.exchange->request().body_file;
    host::ProcessSpec spec;
    spec.program = "git";
    spec.arguments = {"http-backend"};
    spec.env = environment_of(request_);
    if (!file.empty()) {
      PIPELINE_ASSIGN(body, host::open_file(file, O_RDONLY));
      spec.descriptors[STDIN_FILENO] = body.get();
      (*spec.env)["CONTENT_LENGTH"] = std::to_string(std::filesystem::file_size(file));
    }
    spec.descriptors[STDOUT_FILENO] = theirs.get();
    if (asks) spec.descriptors[kQuestionDescriptor] = asks.get();
    PIPELINE_ASSIGN(git_, host::spawn(spec));
    return {};
  }

  // A socket for git's hooks, when they are to ask.
  Result<> make_questions(host::UniqueFd& theirs) {
    if (!request_.answer) return {};
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return base::fail(base::Error::from_errno(errno, "make a pair of sockets"));
    questions_.reset(ends[0]);
    theirs.reset(ends[1]);
    return {};
  }

  // Waits for git's next bytes, and answers what it asks meanwhile. False: for as long as nobody
  // looked for the peer.
  bool await_output() {
    std::array<pollfd, 2> waiting = {pollfd{out_.get(), POLLIN, 0},
                                     pollfd{questions_.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), kLookForThePeer) <= 0) return false;
    if (waiting[1].revents != 0) answer_question();
    return waiting[0].revents != 0;
  }

  void answer_question() {
    std::array<char, 4096> piece{};
    const ssize_t got = ::read(questions_.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) return questions_.reset();  // nobody is left who could ask
    asked_.append(piece.data(), static_cast<std::size_t>(got));
    const auto end = asked_.find('\n');
    if (end == std::string::npos) return;
    const auto question = question_in(std::string_view(asked_).substr(0, end));
    asked_.erase(0, end + 1);
    const std::string answer = text_of(question ? request_.answer(*question) : RefAnswer{false});
    if (::send(questions_.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
      questions_.reset();
  }

  // What came after the head.
  Result<std::string> read_head() {
    std::string text;
    while (text.size() < kLongestHead) {
      while (!await_output()) continue;
      const std::string piece = read_piece();
      if (piece.empty()) break;
      text += piece;
      const auto end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      head_ = text.substr(0, end);
      return text.substr(end + 4);
    }
    (void)git_->wait();
    return base::fail(base::ErrorKind::internal, "git http-backend gave no answer");
  }

  // The next bytes; empty at the end, or when the peer has left, who is looked for meanwhile.
  std::string read(const http::PacedStream& stream) {
    while (!await_output())
      if (stream.has_left()) return {};
    return read_piece();
  }

  std::string read_piece() {
    std::string piece(kPiece, '\0');
    ssize_t got = 0;
    do {
      got = ::read(out_.get(), piece.data(), piece.size());
    } while (got < 0 && errno == EINTR);
    piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return piece;
  }

  const GitRequest& request_;
  host::UniqueFd out_;
  host::UniqueFd questions_;  // empty: nothing is asked
  std::string asked_;         // the beginning of the next question
  std::optional<host::Process> git_;
  std::string head_;
};

}  // namespace

void serve_by_git(const GitRequest& request) {
  if (const auto served = Backend(request).serve(); !served)
    request.exchange->answer(http::problem(served.error()));
}

}  // namespace pipeline::server
