// Variables whose values differ from run to run though nothing that a stage works on has changed.
//
// A stage with `inputs` is given one only when its commands, shell or environment spell the name.
// What it is given is part of its result key; what it is not given cannot be in its result. Else a
// script that reads $GIT_COMMIT unannounced would hand an old commit's version to a new one. Every
// other stage is given all of them.
#pragma once

#include <string_view>

#include "pipelines/model/stage.h"

namespace pipeline::plan {

// Whether a job of this stage finds the variable in its environment.
bool is_given(const model::Stage& stage, std::string_view variable);

// Whether the stage looks at what every attempt has of its own (PIPELINE_RUN, PIPELINE_ATTEMPT):
// then no result of it can stand in for another.
bool differs_each_time(const model::CommandWork& work);

}  // namespace pipeline::plan
