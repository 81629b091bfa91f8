// The scalar types of the language: what a name, a duration, a path, an address looks like. Each
// refuses what it is not with a sentence of cause.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/config/type.h"
#include "pipelines/model/service.h"

namespace pipeline::config {

Type<std::string> text();            // any string
Type<std::string> non_empty_text();  // a command, a path of somebody else's
Type<bool> boolean();
Type<std::uint32_t> count(std::uint32_t least, std::uint32_t most);
Type<double> positive_number();
// A string, integer or boolean, as text: parameter values.
Type<std::string> scalar_as_text();

// Letters, digits, `.`, `_`, `-`, starting with a letter or digit, at most 64: pipelines, stages,
// artifacts and environments are named so, because names become file names and arguments.
Type<std::string> name();
// A name with {placeholders}.
Type<std::string> artifact_name();
// What a cache is kept as, with {placeholders}.
Type<std::string> cache_key();
// What runs have in common, with {placeholders}.
Type<std::string> run_key();
// A string, integer or boolean, as text that can stand in the name of a job.
Type<std::string> matrix_value();
// A name with an optional "?" behind it.
Type<std::string> need_name();
// What a shell can name: letters, digits, `_`, not starting with a digit. `env` refuses what the
// program sets itself.
Type<std::string> variable();
Type<std::string> env_variable();
Type<std::string> tool();      // the name of a program
Type<std::string> approver();  // a user, or "group:" and a group
Type<std::string> flag_key();
// The name that something is kept under with `pipeline secret set`.
Type<std::string> secret_name();
Type<std::string> mail_address();  // of a feature toggle: letters, digits, `.`, `_`, `-`

Type<base::Duration> duration();           // "0s" allowed
Type<base::Duration> positive_duration();  // a timeout of nothing is a mistake
Type<std::uint64_t> size();

Type<std::string> glob();           // of names: branches, tags
Type<std::string> path_glob();      // below the workspace
Type<std::string> relative_path();  // below the workspace, normalised, no trailing slash, no globs
Type<std::string> absolute_path();
Type<std::string> http_path();  // starts with a slash

Type<std::string> address();  // host:port
// Of a service: a port, or host:port of the loopback; and a URL there.
Type<model::LoopbackEndpoint> loopback_port();
Type<model::LoopbackEndpoint> loopback_url();

}  // namespace pipeline::config
