// SPDX-License-Identifier: BSD-3-Clause
#include "host/program.h"

#include "absl/strings/str_cat.h"

namespace dpvrrp {

std::string TextOf(const ProgramReply& reply) {
  const std::string said = reply.text.empty() ? "" : absl::StrCat(": ", reply.text);
  switch (reply.outcome) {
    case ProgramReply::Outcome::kExited:
      return absl::StrCat("exit status ", reply.status, said);
    case ProgramReply::Outcome::kSignalled:
      return absl::StrCat("ended by signal ", reply.status, said);
    case ProgramReply::Outcome::kTimedOut:
      return absl::StrCat("ran longer than its timeout", said);
    case ProgramReply::Outcome::kNotStarted:
      return absl::StrCat("not started", said);
    case ProgramReply::Outcome::kLost:
      break;
  }
  return "the agent ended";
}

absl::string_view ToString(ProgramReply::Outcome outcome) {
  switch (outcome) {
    case ProgramReply::Outcome::kExited:
      return "exited";
    case ProgramReply::Outcome::kSignalled:
      return "signalled";
    case ProgramReply::Outcome::kTimedOut:
      return "timed-out";
    case ProgramReply::Outcome::kNotStarted:
      return "not-started";
    case ProgramReply::Outcome::kLost:
      break;
  }
  return "lost";
}

}  // namespace dpvrrp
