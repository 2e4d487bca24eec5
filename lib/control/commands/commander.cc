// SPDX-License-Identifier: BSD-3-Clause
#include "control/commands/commander.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "cli/table_view.h"
#include "cli/words.h"
#include "control/commands/command.h"
#include "control/journal/journal.h"
#include "control/reports/last_answer.h"

namespace dpvrrp {
namespace {

// If a worker did not answer, a command that only shows says so first, with the age of what it shows. Unavailable: a
// command that changes something would have to decide by an answer that was not received, and has changed nothing.
absl::StatusOr<Report> Execute(const internal::CommandContext& context, const std::vector<InstanceId>& asked) {
  const internal::Command& command = internal::CommandTable()[context.call.parsed.index];
  std::vector<const ManagedInstance*> instances;
  for (const InstanceId id : asked) {
    if (const ManagedInstance* instance = context.view.registry.FindById(id)) instances.push_back(instance);
  }
  const std::string notice = AbsenceNotice(context.view, context.answers, instances, context.t);
  if (!notice.empty() && command.decides && !context.HasFlag("--force")) {
    return absl::UnavailableError(absl::StrCat(notice, "nothing was changed"));
  }
  absl::StatusOr<Report> report = command.run(context);
  if (report.ok()) DPVRRP_RETURN_IF_ERROR(ApplyView(context.call.parsed.view, &*report));
  if (report.ok() && !context.call.parsed.json && !command.is_json) report->text = notice + report->text;
  return report;
}

}  // namespace

std::optional<Commander::Question> Commander::OnLine(RequesterId from, absl::string_view line, ControlTime t) {
  if (absl::ConsumePrefix(&line, "complete ")) {
    std::string body;
    for (const std::string& candidate : CompleteCommand(view_, line)) absl::StrAppend(&body, candidate, "\n");
    Reply(from, Answer::Status::kOk, std::move(body));
    return std::nullopt;
  }
  Terminal terminal;
  if (TakeTerminal(&line, &terminal) && line.empty()) {  // a client asks whether the daemon knows this word
    Reply(from, Answer::Status::kOk, "");
    return std::nullopt;
  }
  absl::StatusOr<CommandCall> call = ParseCall(line);
  if (!call.ok()) {
    Reply(from, Answer::Status::kUsage, absl::StrCat(call.status().message(), "\n"));
    return std::nullopt;
  }
  if (!MayRun(from, terminal, *call)) return std::nullopt;
  const auto needs_of = internal::CommandTable()[call->parsed.index].needs;
  internal::Needs needs;
  if (needs_of != nullptr) needs = needs_of(view_, *call);
  Waiting command{from, terminal, std::string(line), *std::move(call), {}, "", 0};
  if (internal::IsOrder(command.call)) NoteOperator(command);
  if (needs.empty()) {
    Run(command, {}, t);
    return std::nullopt;
  }
  for (const ManagedInstance* instance : needs.instances) command.asked.push_back(instance->id);
  const uint64_t number = ++last_command_;
  waiting_.emplace(number, std::move(command));
  return Question{number, std::move(needs.instances), needs.watch};
}

void Commander::OnAnswers(uint64_t command, const Answers& answers, ControlTime t) {
  auto waiting = waiting_.extract(command);
  DPVRRP_CHECK(!waiting.empty());
  Run(waiting.mapped(), answers, t);
}

void Commander::OnNotAsked(uint64_t command) {
  const auto waiting = waiting_.extract(command);
  DPVRRP_CHECK(!waiting.empty());
  Reply(waiting.mapped().from, Answer::Status::kError, "too many queries at once, try again\n");
}

void Commander::Run(const Waiting& command, const Answers& answers, ControlTime t) {
  const ParsedCommand& parsed = command.call.parsed;
  Screen screen = command.terminal.screen;
  if (parsed.wide) screen.width = 0;
  const absl::StatusOr<Report> report =
      Execute({command.from, view_, orders_, configurator_, command.call, answers, t, screen.width}, command.asked);
  // A command that failed may have changed something before. One that asks has not.
  if (internal::IsOrder(command.call) && !absl::IsAborted(report.status())) RecordOrder(command, report.status(), t);
  if (!report.ok()) return Refuse(command, report.status());
  const internal::Command& row = internal::CommandTable()[parsed.index];
  std::string body = row.is_json ? report->text : parsed.json ? RenderJson(*report) : RenderText(*report, screen);
  const bool follows = parsed.HasFlag("--follow");
  // A stream without a beginning has no answer yet.
  if (report->sections.empty() && report->text.empty()) body.clear();
  const bool continues = follows || row.continues;
  Reply(command.from, continues ? Answer::Status::kMore : Answer::Status::kOk, std::move(body));
  if (follows) journal_.Follow(command.from, parsed.json);
}

void Commander::Refuse(const Waiting& command, const absl::Status& why) {
  if (!absl::IsAborted(why)) {
    return Reply(command.from, Answer::Status::kError, absl::StrCat(why.message(), "\n"));
  }
  if (command.terminal.asks) return Reply(command.from, Answer::Status::kConfirm, std::string(why.message()));
  Reply(command.from, Answer::Status::kError, absl::StrCat(why.message(), "; to do so, use --yes\n"));
}

bool Commander::MayRun(RequesterId from, const Terminal& terminal, const CommandCall& call) {
  const absl::string_view pattern = AllCommands()[call.parsed.index].pattern;
  const bool reads_files = absl::StartsWith(pattern, "reload") || pattern == "show config";
  const bool is_order = internal::IsOrder(call);
  if (IsReadOnly(from) && (is_order || reads_files)) {
    Reply(from, Answer::Status::kError,
          absl::StrCat("this socket is read-only, and '", pattern, "' ",
                       reads_files ? "makes the daemon read files" : "changes something", ": use the socket ",
                       view_.registry.config().daemon.control_socket, "\n"));
    return false;
  }
  if (is_order && terminal.looks) {
    Reply(from, Answer::Status::kUsage, absl::StrCat("'", pattern, "' changes something and is not repeated\n"));
    return false;
  }
  return true;
}

void Commander::NoteOperator(Waiting& command) const {
  if (command.from == kConsole) command.user = "console";
  for (const ClientStatus& client : view_.services.Clients()) {
    if (client.read_only || client.number != command.from.value()) continue;
    command.user = client.user.empty() ? absl::StrCat("uid ", client.uid) : client.user;
    command.pid = client.pid;
  }
}

void Commander::RecordOrder(const Waiting& command, const absl::Status& outcome, ControlTime t) {
  constexpr size_t kLongestLine = 200;
  const std::string line = EscapeForTerminal(absl::string_view(command.line).substr(0, kLongestLine));
  occurrence::OperatorCommand order{command.user, command.pid, line};
  if (!outcome.ok()) absl::StrAppend(&order.line, ": failed");
  journal_.Record(order, t.unix_ms);
}

void Commander::Reply(RequesterId to, Answer::Status status, std::string body) {
  outbox_.answers.push_back({to, status, std::move(body)});
}

}  // namespace dpvrrp
