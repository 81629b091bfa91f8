// The tables of a pipeline file, one declaration each: pipeline_table.cc, stage_table.cc,
// service_table.cc, environment_table.cc, trigger_table.cc. To add a key: one line there, the model
// member it fills, and its name out of later.cc.
#pragma once

#include "pipelines/config/draft.h"
#include "pipelines/config/table.h"

namespace pipeline::config {

const Table<Draft>& pipeline_table();

const Table<model::Stage>& defaults_table();
const Table<model::Stage>& stage_table();
// [template.NAME]: as a stage, but nothing has to be there.
const Table<model::Stage>& template_table();
const Table<model::Condition>& condition_table();
const Table<model::SandboxSpec>& sandbox_table();
const Table<model::AgentSpec>& agent_table();
const Table<model::RetrySpec>& retry_table();
const Table<model::ServiceSpec>& service_table();

const Table<model::NotifyRule>& notify_table();
const Table<model::Triggers>& triggers_table();
const Table<model::Concurrency>& concurrency_table();

const Table<model::Environment>& environment_table();
// The tables below [environment].
bool read_environments(const Node& node, Draft& draft, Problems& problems);
// Shared by environments and deploy stages.
const Table<model::StrategySpec>& strategy_table();

// `matrix`, whose axes are named by the author: a table of its own kind.
bool read_matrix(const Node& node, model::Matrix& matrix, Problems& problems);
boost::json::object matrix_schema(Definitions& definitions);

// `reports`, a table or "none".
bool read_reports(const Node& node, std::optional<model::ReportSpec>& reports, Problems& problems);
boost::json::object reports_schema(Definitions& definitions);

// `split`, a number or a table.
bool read_split(const Node& node, std::optional<model::SplitSpec>& split, Problems& problems);
boost::json::object split_schema(Definitions& definitions);

// Commands given to a shell: one string or a list of them.
Type<std::vector<std::string>> commands();

}  // namespace pipeline::config
