// SPDX-License-Identifier: BSD-3-Clause
//
// Where questions and answers meet: lines of operators and the looks of the rogue watch become questions to the lcores,
// and their answers run the commands and are judged.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/commands/commander.h"
#include "control/compose/configurator.h"
#include "control/compose/orders.h"
#include "control/compose/parts.h"

namespace dpvrrp {

class Desk {
 public:
  Desk(Parts& parts, Orders& orders, Configurator& configurator)
      : parts_(parts), commander_(parts, orders, configurator, parts.journal, parts.outbox) {}

  // A line of a client. The answer is in the outbox now, or after the lcores have answered.
  void OnLine(RequesterId from, const std::string& line, ControlTime t);
  // Sends the questions that are due, and passes on the answers that are complete. Call it after all parts have acted.
  void Turn(ControlTime t);

 private:
  bool Ask(Questions::Question question, const std::vector<const ManagedInstance*>& instances, bool watches,
           ControlTime t);
  void Look(ControlTime t);
  void TakeAnswers(ControlTime t);

  Parts& parts_;
  Commander commander_;
  Instant instances_asked_at_{};  // by a look
};

}  // namespace dpvrrp
