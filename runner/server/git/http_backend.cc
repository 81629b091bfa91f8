#include "runner/server/git/http_backend.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>

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
    PIPELINE_ASSIGN(git_, host::spawn(spec));
    return {};
  }

  // What came after the head.
  Result<std::string> read_head() {
    std::string text;
    while (text.size() < kLongestHead) {
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
    pollfd waiting{out_.get(), POLLIN, 0};
    while (::poll(&waiting, 1, kLookForThePeer) <= 0)
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
  std::optional<host::Process> git_;
  std::string head_;
};

}  // namespace

void serve_by_git(const GitRequest& request) {
  if (const auto served = Backend(request).serve(); !served)
    request.exchange->answer(http::problem(served.error()));
}

}  // namespace pipeline::server
