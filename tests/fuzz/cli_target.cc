// SPDX-License-Identifier: BSD-3-Clause
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "cli/words.h"
#include "control/commands/commands.h"
#include "fuzz/targets.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

Config SomeInstances() {
  InstanceConfig quoted = AhInstance("all \"of\" them", 52);
  quoted.virtual_addresses = {{*ParseIpPrefix("10.99.0.101/24"), "eth0"}};
  InstanceConfig owner = AhInstance("show", 53);
  owner.auth = {};
  owner.vlan = {100, 7};
  owner.priority = kPriorityOwner;
  owner.source_address = Ip("10.99.0.102");
  owner.virtual_addresses = {{*ParseIpPrefix("10.99.0.102/24"), ""}};
  return WithInstances({AhInstance("gw"), quoted, owner});
}

// Lines of a terminal: UTF-8, and nothing that moves its cursor but the line feed.
void CheckText(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) DPVRRP_CHECK(IsPlainText(line));
}

bool WantsJson(const std::string& line) {
  const absl::StatusOr<CommandCall> call = ParseCall(line);
  return call.ok() && call->parsed.json;
}

void CheckAnswer(const Answer& answer, bool json) {
  if (!json || answer.status == Answer::Status::kUsage) return CheckText(answer.body);
  if (answer.status == Answer::Status::kOk) DPVRRP_CHECK(nlohmann::json::accept(answer.body));
}

void CheckWords(const std::string& line) {
  DPVRRP_CHECK(IsPlainText(EscapeForTerminal(line)));
  const absl::StatusOr<std::vector<Word>> words = SplitWords(line);
  if (!words.ok()) return;
  std::vector<std::string> texts;
  for (const Word& word : *words) texts.push_back(word.text);
  const absl::StatusOr<std::vector<Word>> again = SplitWords(JoinWords(texts));
  DPVRRP_CHECK(again.ok() && again->size() == texts.size());
  for (size_t i = 0; i < texts.size(); ++i) DPVRRP_CHECK((*again)[i].text == texts[i]);
}

}  // namespace

void RunCli(std::span<const uint8_t> input) {
  Gateway gateway;
  gateway.services.next_load.config = SomeInstances();
  gateway.Start(gateway.services.next_load.config);
  DPVRRP_CHECK(gateway.controller.not_started().entries().empty());
  gateway.RunFor(5s);
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  std::vector<std::string> lines = absl::StrSplit(text, absl::MaxSplits('\n', 16));
  for (const std::string& line : lines) {
    CheckWords(line);
    for (const std::string& candidate : CompleteCommand(gateway.controller.view(), line)) {
      DPVRRP_CHECK(SplitWords(candidate).ok());
    }
    gateway.answers.clear();
    const Answer answer = gateway.Ask(line);
    DPVRRP_CHECK(!gateway.answers.empty());
    CheckAnswer(answer, WantsJson(line));
    gateway.RunFor(100ms);
  }
}

}  // namespace dpvrrp
