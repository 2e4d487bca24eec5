// SPDX-License-Identifier: BSD-3-Clause
//
// Runs the lines of operators. A line is parsed once. If its command needs something from the lcores, the call waits
// until they have answered; then its handler runs and the answer is in the outbox.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/types.h"
#include "cli/terminal.h"
#include "control/commands/commands.h"
#include "control/control_time.h"
#include "control/outbox.h"

namespace dpvrrp {

class Configurator;
class Journal;
class Orders;
struct Parts;
using View = const Parts;
struct Answers;
struct ManagedInstance;

class Commander {
 public:
  // What the lcores are to be asked. `command` is not 0.
  struct Question {
    uint64_t command = 0;
    std::vector<const ManagedInstance*> instances;
    bool watch = false;  // what the workers' watches have seen
  };

  // All of them must outlive the commander. `journal` has the clients that follow its events.
  Commander(View& view, Orders& orders, Configurator& configurator, Journal& journal, Outbox& outbox)
      : view_(view), orders_(orders), configurator_(configurator), journal_(journal), outbox_(outbox) {}

  // Runs the line, or returns what must be asked first. Then OnAnswers() or OnNotAsked() must follow.
  std::optional<Question> OnLine(RequesterId from, absl::string_view line, ControlTime t);
  void OnAnswers(uint64_t command, const Answers& answers, ControlTime t);
  // Too many questions are under way.
  void OnNotAsked(uint64_t command);

 private:
  struct Waiting {
    RequesterId from;
    Terminal terminal;
    std::string line;  // without the terminal
    CommandCall call;
    std::vector<InstanceId> asked;
    std::string user;  // of an order, as long as its client was there; empty: not known
    int64_t pid = 0;
  };

  // False: it may not give this command; it has got the answer.
  bool MayRun(RequesterId from, const Terminal& terminal, const CommandCall& call);
  // An order may wait for lcores longer than its client.
  void NoteOperator(Waiting& command) const;
  void RecordOrder(const Waiting& command, const absl::Status& outcome, ControlTime t);
  void Refuse(const Waiting& command, const absl::Status& why);
  void Run(const Waiting& command, const Answers& answers, ControlTime t);
  void Reply(RequesterId to, Answer::Status status, std::string body);

  View& view_;
  Orders& orders_;
  Configurator& configurator_;
  Journal& journal_;
  Outbox& outbox_;
  uint64_t last_command_ = 0;
  std::map<uint64_t, Waiting> waiting_;
};

}  // namespace dpvrrp
