// SPDX-License-Identifier: BSD-3-Clause
#include "control/notify/notifier.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/outbox.h"

namespace dpvrrp {

absl::string_view ToString(NotifyWord word) {
  static constexpr std::array<absl::string_view, 4> kWords = {"MASTER", "BACKUP", "FAULT", "STOP"};
  return kWords[static_cast<size_t>(word)];
}

NotifyWord NotifyWordOf(State state, Reason reason) {
  switch (state) {
    case State::kMaster:
      return NotifyWord::kMaster;
    case State::kBackup:
      return NotifyWord::kBackup;
    case State::kFault:
      return NotifyWord::kFault;
    case State::kInitialize:
      break;
  }
  return reason == Reason::kPortDown ? NotifyWord::kFault : NotifyWord::kStop;
}

void Notifier::OnState(const ManagedInstance& instance) {
  const NotifyWord word = NotifyWordOf(instance.state, instance.reason);
  const auto [told, is_first] = told_.try_emplace(instance.id, word);
  if (!is_first && std::exchange(told->second, word) == word) return;
  Notify({"INSTANCE", instance.config.name, instance.priority.value(), instance.config.notify.get()}, word);
}

void Notifier::OnGroup(const GroupConfig& group, State state) {
  const NotifyWord word = NotifyWordOf(state, Reason::kNone);
  const auto [told, is_first] = told_groups_.try_emplace(group.name, word);
  if (!is_first && std::exchange(told->second, word) == word) return;
  Notify({"GROUP", group.name, 0, group.notify.get()}, word);
}

void Notifier::OnGroupStopped(const GroupConfig& group) {
  if (told_groups_.erase(group.name) > 0) Notify({"GROUP", group.name, 0, group.notify.get()}, NotifyWord::kStop);
}

// First the program of the state, then the general one, then the FIFO: keepalived's order.
void Notifier::Notify(const Subject& subject, NotifyWord word) {
  const std::string queue = absl::StrCat(subject.type, " ", subject.name);
  if (const NotifyConfig* config = subject.config) {
    const std::array<const std::vector<std::string>*, 4> by_word = {&config->master, &config->backup, &config->fault,
                                                                    &config->stop};
    Run(*by_word[static_cast<size_t>(word)], {}, queue);
    Run(config->any,
        {std::string(subject.type), subject.name, std::string(ToString(word)), absl::StrCat(subject.priority)}, queue);
  }
  const std::string& fifo = context_.registry.config().scripts.fifo;
  if (fifo.empty()) return;
  context_.outbox.programs.push_back(
      FifoLine{fifo, absl::StrCat(subject.type, " \"", subject.name, "\" ", ToString(word), " ", subject.priority)});
}

void Notifier::OnDaemonStarted() { Run(context_.registry.config().scripts.start, {}, "daemon"); }

void Notifier::OnDaemonStopping() { Run(context_.registry.config().scripts.stop, {}, "daemon"); }

void Notifier::Run(const std::vector<std::string>& command, std::vector<std::string> more, const std::string& queue) {
  if (command.empty()) return;
  const ScriptsConfig& scripts = context_.registry.config().scripts;
  ProgramRequest request{++last_request_, command, scripts.user, scripts.timeout, queue};
  for (std::string& argument : more) request.command.push_back(std::move(argument));
  running_[request.id] = absl::StrCat(queue, ": ", absl::StrJoin(request.command, " "));
  context_.outbox.programs.push_back(std::move(request));
}

void Notifier::OnProgramReply(const ProgramReply& reply, ControlTime t) {
  const auto found = running_.find(reply.id);
  if (found == running_.end()) return;
  const std::string what = std::move(found->second);
  running_.erase(found);
  if (reply.outcome == ProgramReply::Outcome::kExited && reply.status == 0) return;
  context_.journal.Record(occurrence::ProgramFailed{what, TextOf(reply)}, t.unix_ms);
}

}  // namespace dpvrrp
