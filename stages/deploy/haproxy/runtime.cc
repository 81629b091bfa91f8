#include "stages/deploy/haproxy/runtime.h"

#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

#include "pipelines/base/text.h"

namespace pipeline::deploy::haproxy {

using base::Result;

namespace {

// Bits of srv_admin_state (HAProxy's doc/management.txt, "show servers state").
constexpr std::uint64_t kMaintenance = 0x01 | 0x02 | 0x20;  // forced, inherited, by DNS
constexpr std::uint64_t kDrain = 0x08 | 0x10;               // forced, inherited

tl::unexpected<base::Error> not_understood(std::string_view what) {
  return base::fail(base::ErrorKind::corrupt,
                    "HAProxy's answer to \"" + std::string(what) + "\" is not understood");
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  if (text.empty()) return 0;  // a counter that does not apply to the row
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A table whose heading begins with '#': rows as column name → cell.
class Table {
 public:
  Table(std::string_view text, char separator) {
    std::istringstream lines{std::string(text)};
    std::string line;
    while (std::getline(lines, line)) {
      if (line.starts_with("# ")) {
        columns_ = base::split(std::string_view(line).substr(2), separator);
      } else if (!columns_.empty() && !line.empty()) {
        rows_.push_back(base::split(line, separator));
      }
    }
  }

  bool empty() const { return columns_.empty(); }
  std::size_t rows() const { return rows_.size(); }
  // Empty when there is no such column, or the row is too short.
  std::string_view cell(std::size_t row, std::string_view column) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == column) return i < rows_[row].size() ? rows_[row][i] : std::string_view();
    }
    return {};
  }

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

ServerMode mode_of(std::uint64_t admin_state) {
  if ((admin_state & kMaintenance) != 0) return ServerMode::maintenance;
  return (admin_state & kDrain) != 0 ? ServerMode::draining : ServerMode::ready;
}

}  // namespace

Result<ServerStates> parse_servers(std::string_view text) {
  const Table table(text, ' ');
  if (table.empty()) return not_understood("show servers state");
  ServerStates states;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto port = to_number(table.cell(row, "srv_port"));
    const auto admin = to_number(table.cell(row, "srv_admin_state"));
    if (!port || !admin || *port > 65535) return not_understood("show servers state");
    states[{std::string(table.cell(row, "be_name")), std::string(table.cell(row, "srv_name"))}] = {
        std::string(table.cell(row, "srv_addr")), static_cast<std::uint16_t>(*port),
        mode_of(*admin), table.cell(row, "srv_op_state") == "0"};
  }
  return states;
}

Result<std::uint32_t> parse_share(std::string_view text) {
  // "0x55d0 green 50"
  std::istringstream fields{std::string(text)};
  std::string id;
  std::string key;
  std::uint32_t percent = 0;
  fields >> id >> key >> percent;
  if (!fields || percent > 100) return not_understood("show map");
  return percent;
}

Result<StatRows> parse_stat(std::string_view text) {
  const Table table(text, ',');
  if (table.empty()) return not_understood("show stat");
  StatRows rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto sessions = to_number(table.cell(row, "scur"));
    const auto queued = to_number(table.cell(row, "qcur"));
    const auto requests = to_number(table.cell(row, "req_tot"));
    const auto errors = to_number(table.cell(row, "hrsp_5xx"));
    if (!sessions || !queued || !requests || !errors) return not_understood("show stat");
    rows[{std::string(table.cell(row, "pxname")), std::string(table.cell(row, "svname"))}] = {
        *sessions, *queued, *requests, *errors};
  }
  return rows;
}

Result<int> parse_pid(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("Pid: ")) continue;
    const auto pid = to_number(std::string_view(line).substr(5));
    if (pid && *pid > 0) return static_cast<int>(*pid);
  }
  return not_understood("show info");
}

}  // namespace pipeline::deploy::haproxy
