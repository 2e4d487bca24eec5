// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/desk.h"

#include <optional>
#include <utility>

#include "control/compose/observe.h"
#include "control/questions/answers.h"

namespace dpvrrp {

void Desk::OnLine(RequesterId from, const std::string& line, ControlTime t) {
  const std::optional<Commander::Question> question = commander_.OnLine(from, line, t);
  if (!question.has_value()) return;
  if (!Ask({.command = question->command}, question->instances, question->watch, t)) {
    commander_.OnNotAsked(question->command);
    return;
  }
  TakeAnswers(t);
}

void Desk::Turn(ControlTime t) {
  if (parts_.rogues.TakeLook()) Look(t);
  TakeAnswers(t);
}

bool Desk::Ask(Questions::Question question, const std::vector<const ManagedInstance*>& instances, bool watches,
               ControlTime t) {
  std::vector<Questions::Target> targets;
  targets.reserve(instances.size());
  for (const ManagedInstance* instance : instances) {
    targets.push_back({parts_.registry.WorkerOf(instance->port, instance->config.vlan), instance->id});
  }
  return parts_.questions.Ask(question, targets, watches, t.now);
}

// What an lcore last said of its instances is shown if it does not answer later, so it must not be old.
void Desk::Look(ControlTime t) {
  if (parts_.registry.instances().empty() || parts_.questions.looking()) return;
  std::vector<const ManagedInstance*> wanted;
  if (t.now - instances_asked_at_ >= Rogues::kLookAnyway) {
    for (const auto& [name, instance] : parts_.registry.instances()) {
      if (!instance.removing) wanted.push_back(&instance);
    }
    instances_asked_at_ = t.now;
  }
  Ask({.for_ourselves = true}, wanted, true, t);  // if too many questions are under way, the next look asks
}

void Desk::TakeAnswers(ControlTime t) {
  for (const ShardCommand& command : parts_.questions.TakeCommands()) parts_.outbox.shard.push_back(command);
  for (Questions::Finished& finished : parts_.questions.TakeFinished()) {
    std::vector<Speaker> speakers;
    if (finished.watches) {
      speakers = parts_.questions.Speakers();
      parts_.rogues.LookAtOurselves(parts_.workers.Workers(), t);
    }
    if (finished.question.for_ourselves) {
      const Observed observed = Observe(parts_, std::move(speakers), t);
      parts_.rogues.Follow(FindingsOf(parts_, observed), t);
      continue;
    }
    const Answers answers{&parts_.questions, finished.watches ? &speakers : nullptr, finished.asked_at,
                          std::move(finished.absent)};
    commander_.OnAnswers(finished.question.command, answers, t);
  }
}

}  // namespace dpvrrp
