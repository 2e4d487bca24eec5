// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/read.h"

#include "absl/strings/str_cat.h"
#include "keepalived/values.h"

namespace dpvrrp::keepalived {
namespace {

using std::chrono::seconds;

// Says that the block has no name, and returns false.
bool HasName(const Statement& block, Notes& notes) {
  if (!block.word(1).empty()) return true;
  notes.SayAll(block, Verdict::kDecide, "needs a name; keepalived ignores it");
  return false;
}

// Two blocks of one kind with the same name: keepalived warns, and the later one wins or is refused.
template <typename T>
void Append(std::vector<T>* all, T one, const Statement& block, Notes& notes) {
  for (const T& other : *all) {
    if (other.name != one.name) continue;
    notes.SayAll(block, Verdict::kDecide,
                 absl::StrCat("line ", other.from->at.line, " has the same name; this one is left out"));
    return;
  }
  all->push_back(std::move(one));
}

// interface_up_down_delays { eth1 DOWN [UP] }
void ReadDelays(const Statement& block, std::map<std::string, DelaysOf>* out, Notes& notes) {
  notes.Say(block, Verdict::kTaken, "");
  for (const Statement& line : block.block) {
    if (line.note || line.words.empty()) continue;
    const std::optional<Nanoseconds> down = ParseSeconds(line.word(1));
    const std::optional<Nanoseconds> up = line.words.size() > 2 ? ParseSeconds(line.word(2)) : down;
    if (!down || !up || *down > seconds(255) || *up > seconds(255)) {
      notes.Say(line, Verdict::kDecide, "must be INTERFACE DOWN [UP], 0 to 255 seconds; keepalived ignores it");
      continue;
    }
    (*out)[std::string(line.word(0))] = {*down, *up, &line, false};
    notes.Say(line, Verdict::kUnsupported, "an instance follows the link of its own port without delay");
  }
}

void ReadGarpGroup(const Statement& block, GlobalsOf* globals, Notes& notes) {
  notes.Say(block, Verdict::kChanged, "[garp] is for all ports");
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kGarpGroup, line);
    if (rule == nullptr) continue;
    Given<Nanoseconds> interval;
    Values(notes, line, *rule).Time(Nanoseconds(0), seconds(1), &interval, "it is left out");
    if (interval && (!globals->garp_interval || globals->garp_interval.value < interval.value)) {
      globals->garp_interval = interval;
    }
  }
}

void ReadRootBlock(const Statement& statement, Model* model, Notes& notes) {
  const WordRule* rule = notes.RuleToRead(Block::kRoot, statement);
  if (rule == nullptr) return;
  const absl::string_view word = rule->word;
  if (word == "global_defs") {
    notes.Say(statement, Verdict::kTaken, "");
    model->globals.blocks.push_back(&statement);
    return ReadGlobals(statement, &model->globals, notes);
  }
  if (word == "garp_group") return ReadGarpGroup(statement, &model->globals, notes);
  if (word == "interface_up_down_delays") return ReadDelays(statement, &model->delays, notes);
  if (!HasName(statement, notes)) return;
  if (word == "vrrp_instance") {
    Append(&model->instances, ReadInstanceBlock(statement, notes), statement, notes);
  } else if (word == "vrrp_script") {
    Append(&model->scripts, ReadScriptBlock(statement, notes), statement, notes);
  } else if (word == "vrrp_sync_group") {
    Append(&model->groups, ReadGroupBlock(statement, notes), statement, notes);
  } else {
    Append(&model->processes, ReadProcessBlock(statement, notes), statement, notes);
  }
}

}  // namespace

void ReadStrict(const Statement& statement, const WordRule& rule, Given<bool>* out, Notes& notes) {
  Values(notes, statement, rule).Switch(out);
  if (out->from == &statement && !out->value) notes.Say(statement, Verdict::kDropped, "strict mode is off by default");
}

Model ReadModel(const std::vector<Statement>& statements, Notes& notes) {
  Model model;
  for (const Statement& statement : statements) ReadRootBlock(statement, &model, notes);
  return model;
}

void ReadGlobals(const Statement& block, GlobalsOf* g, Notes& notes) {
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kGlobal, line);
    if (rule == nullptr) continue;
    const absl::string_view word = rule->word;
    Values values(notes, line, *rule);
    if (word == "vrrp_version") values.Integer(2, 3, &g->version, "keepalived uses 2");
    if (word == "vrrp_mcast_group4") values.Address(&g->mcast_group4, true);
    if (word == "vrrp_mcast_group6") values.Address(&g->mcast_group6, true);
    if (word == "default_interface") values.Text(&g->default_interface);
    if (word == "script_user") values.User(&g->script_user);
    if (word == "startup_script") values.Program(&g->startup);
    if (word == "shutdown_script") values.Program(&g->shutdown);
    if (word == "notify_fifo" || word == "vrrp_notify_fifo") values.Text(&g->fifo);
    if (word == "vrrp_garp_master_delay")
      values.WholeSeconds(Nanoseconds(0), seconds(3600), &g->garp_master_delay, "keepalived uses 5");
    if (word == "vrrp_garp_master_refresh")
      values.WholeSeconds(Nanoseconds(0), seconds(86400), &g->garp_master_refresh, "keepalived does not repeat them");
    if (word == "vrrp_garp_interval" || word == "vrrp_gna_interval") {
      const Given<Nanoseconds> earlier = g->garp_interval;
      g->garp_interval = {};
      values.Time(Nanoseconds(0), seconds(1), &g->garp_interval, "it is left out");
      if (earlier.value > g->garp_interval.value) g->garp_interval = earlier;
    }
    if (word == "vrrp_min_garp") values.Switch(&g->min_garp);
    if (word == "vrrp_down_timer_adverts") values.Integer(1, 100, &g->down_timer_adverts, "keepalived uses 3");
    if (word == "vrrp_lower_prio_no_advert") values.Switch(&g->lower_prio_no_advert);
    if (word == "vrrp_higher_prio_send_advert") values.Switch(&g->higher_prio_send_advert);
    if (word == "v3_checksum_as_v2") values.Switch(&g->v3_checksum_as_v2);
    if (word == "vrrp_startup_delay")
      values.Time(Nanoseconds(0), seconds(86400), &g->startup_delay, "keepalived uses 0");
    if (word == "vrrp_strict") ReadStrict(line, *rule, &g->strict, notes);
    if (word == "smtp_alert" || word == "smtp_alert_vrrp") {
      const bool off = ParseSwitch(line.word(1)) == false;
      notes.Say(line, off ? Verdict::kDropped : rule->verdict, rule->what);
    }
    if (line.words.size() > 2 && word == "script_user")
      notes.Add(line, Verdict::kChanged, "the group is that of the user");
  }
}

}  // namespace dpvrrp::keepalived
