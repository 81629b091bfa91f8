// What the strings of a pipeline file may look like: parsers and, for the schema, the nearest
// regular expressions. Errors are ErrorKind::invalid with a sentence of cause.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"
#include "pipelines/model/service.h"

namespace pipeline::config {

inline constexpr std::string_view kNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
inline constexpr std::string_view kArtifactPattern = "^[A-Za-z0-9{][A-Za-z0-9._{}-]*$";
inline constexpr std::string_view kNeedPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\??$";
inline constexpr std::string_view kToolPattern = "^[A-Za-z0-9._+-]{1,64}$";
inline constexpr std::string_view kApproverPattern = "^(group:)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
inline constexpr std::string_view kVariablePattern = "^[A-Za-z_][A-Za-z0-9_]*$";
inline constexpr std::string_view kFlagKeyPattern = "^[A-Za-z0-9._-]+$";
inline constexpr std::string_view kMailPattern =
    "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$";
inline constexpr std::string_view kDurationPattern =
    "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
inline constexpr std::string_view kSizePattern = "^[0-9]+(\\.[0-9]+)?([kMGT]|[KMGT]i)?B$";
inline constexpr std::string_view kAddressPattern =
    "^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]+$";
inline constexpr std::string_view kLoopbackPattern = R"(^(127\.[0-9.]+|localhost|\[::1\]):[0-9]+$)";
inline constexpr std::string_view kLoopbackUrlPattern =
    R"(^http://(127\.[0-9.]+|localhost|\[::1\])(:[0-9]+)?(/[^ ]*)?$)";
inline constexpr std::string_view kPortsPattern = "^[0-9]+(-[0-9]+)?$";
inline constexpr std::string_view kPercentPattern = "^(100|[1-9][0-9]?)%$";

base::Result<std::string> parse_non_empty(std::string_view text);
base::Result<std::string> parse_name(std::string_view text);
// A name in which {placeholders} may stand.
base::Result<std::string> parse_artifact_name(std::string_view text);
// Text with the placeholders of a cache key (model/placeholder.h).
base::Result<std::string> parse_cache_key(std::string_view text);
// The same, of what a whole run has in common: no files, no matrix.
base::Result<std::string> parse_run_key(std::string_view text);
// Shown in the names of jobs: short, and without what these are punctuated with.
base::Result<std::string> parse_matrix_value(std::string_view text);
base::Result<std::string> parse_need_name(std::string_view text);
// What a program is called: "g++".
base::Result<std::string> parse_tool(std::string_view text);
// "alice" or "group:release".
base::Result<std::string> parse_approver(std::string_view text);
base::Result<std::string> parse_variable(std::string_view text);
base::Result<std::string> parse_env_variable(std::string_view text);
base::Result<std::string> parse_flag_key(std::string_view text);
// What something is kept under; for what looks like the thing itself, how it is kept.
base::Result<std::string> parse_secret_name(std::string_view text);
// As HTML's <input type=email> has it, and at most 254 bytes: no names, no quotes, no lists.
base::Result<std::string> parse_mail_address(std::string_view text);
base::Result<std::uint64_t> parse_positive_size(std::string_view text);
base::Result<std::string> parse_glob(std::string_view text);
base::Result<std::string> parse_path_glob(std::string_view text);
base::Result<std::string> parse_relative_path(std::string_view text);
base::Result<std::string> parse_absolute_path(std::string_view text);
base::Result<std::string> parse_http_path(std::string_view text);
base::Result<std::string> parse_address(std::string_view text);
// "127.0.0.1:5432", "http://localhost:8080/health".
base::Result<model::LoopbackEndpoint> parse_loopback(std::string_view text);
base::Result<model::LoopbackEndpoint> parse_loopback_url(std::string_view text);
base::Result<model::PortRange> parse_ports(std::string_view text);
base::Result<std::uint32_t> parse_percent(std::string_view text);  // "25%": 1 to 100

// The port behind the last colon of what parse_address accepted.
std::uint16_t port_of(std::string_view address);

}  // namespace pipeline::config
