#include "runner/cli/render/style.h"

namespace pipeline::render {

namespace {

std::string_view sequence_of(Tint tint) {
  switch (tint) {
    case Tint::none:
      return "";
    case Tint::bold:
      return "\x1b[1m";
    case Tint::dim:
      return "\x1b[2m";
    case Tint::good:
      return "\x1b[32m";
    case Tint::bad:
      return "\x1b[31m";
    case Tint::warn:
      return "\x1b[33m";
    case Tint::odd:
      return "\x1b[35m";
  }
  return "";
}

}  // namespace

std::string paint(std::string_view text, Tint tint, Color color) {
  if (color == Color::no || tint == Tint::none || text.empty()) return std::string(text);
  return std::string(sequence_of(tint)) + std::string(text) + "\x1b[0m";
}

Tint tint_of(run::JobStatus status) {
  switch (status) {
    case run::JobStatus::succeeded:
      return Tint::good;
    case run::JobStatus::failed:
    case run::JobStatus::timed_out:
      return Tint::bad;
    case run::JobStatus::errored:
      return Tint::odd;
    case run::JobStatus::cancelled:
      return Tint::warn;
    case run::JobStatus::cached:
    case run::JobStatus::skipped:
    case run::JobStatus::waiting:
    case run::JobStatus::queued:
      return Tint::dim;
    case run::JobStatus::leased:
    case run::JobStatus::running:
    case run::JobStatus::finishing:
      return Tint::none;
  }
  return Tint::none;
}

Tint tint_of(run::RunStatus status) {
  switch (status) {
    case run::RunStatus::succeeded:
      return Tint::good;
    case run::RunStatus::failed:
      return Tint::bad;
    case run::RunStatus::errored:
      return Tint::odd;
    case run::RunStatus::cancelled:
    case run::RunStatus::interrupted:
      return Tint::warn;
    case run::RunStatus::created:
    case run::RunStatus::running:
      return Tint::none;
  }
  return Tint::none;
}

}  // namespace pipeline::render
