// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "cli/words.h"
#include "control/commands/commands.h"
#include "fuzz/targets.h"
#include "script/runner.h"

namespace dpvrrp {
namespace {

constexpr int kMostTurns = 100'000;

}  // namespace

void RunScript(std::span<const uint8_t> input) {
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  const CheckCommand check = [](absl::string_view line) { return ParseCall(line).status(); };
  // Each file that is included is the input again: a loop.
  ScriptResult script = ParseScript("fuzz.cmds", [&](const std::string&) { return text; }, {check, check});
  for (const ConfigFault& fault : script.errors) DPVRRP_CHECK(fault.line > 0 && fault.column > 0);
  if (!script.errors.empty()) return;
  for (const Statement& statement : script.statements) DPVRRP_CHECK(IsPlainText(statement.text));
  // A daemon that gives one answer to everything.
  ScriptRunner runner("fuzz.cmds", std::move(script.statements));
  Instant now{};
  for (int turn = 0; !runner.finished() && turn < kMostTurns; ++turn) {
    runner.OnTime(now);
    while (runner.TakeQuestion().has_value())
      runner.OnAnswer(true, R"([{"name":"lan","link":"up","received":3}])", now);
    now = std::max(now, runner.NextDeadline() == kNever ? now : runner.NextDeadline());
  }
}

}  // namespace dpvrrp
