// SPDX-License-Identifier: BSD-3-Clause
//
// vrrp_script, vrrp_track_process, vrrp_sync_group, and what instances and groups have in common: lists of tracks, and
// notify programs.
#include <algorithm>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "keepalived/read.h"
#include "keepalived/values.h"

namespace dpvrrp::keepalived {
namespace {

using std::chrono::seconds;

constexpr int kMostWeight = 253;
constexpr int kReadWeight = 254;                 // keepalived reads it in a list, and then uses 253
constexpr Nanoseconds kLongest = seconds(3600);  // of an interval or a time limit here

bool IsReal(const Statement& line) { return !line.note && !line.words.empty(); }

}  // namespace

// NAME [weight N [reverse|noreverse]], one a line.
void ReadTrackedBy(const Statement& list, std::vector<TrackedBy>* out, Notes& notes) {
  notes.Say(list, Verdict::kTaken, "track");
  for (const Statement& line : list.block) {
    if (!IsReal(line)) continue;
    TrackedBy use;
    use.name = std::string(line.word(0));
    use.from = &line;
    notes.Say(line, Verdict::kTaken, "track");
    for (size_t i = 1; i < line.words.size(); ++i) {
      const absl::string_view word = line.word(i);
      int weight = 0;
      if (word == "weight" && absl::SimpleAtoi(line.word(i + 1), &weight) && std::abs(int64_t{weight}) <= kReadWeight) {
        use.weight = std::clamp(weight, -kMostWeight, kMostWeight);
        if (weight != *use.weight) notes.Add(line, Verdict::kChanged, absl::StrCat("keepalived uses ", *use.weight));
        ++i;
      } else if (word == "weight") {
        const bool own = list.word(0) == "track_interface";
        notes.Add(line, Verdict::kDecide,
                  absl::StrCat("the weight must be -253..253; ",
                               own ? "it is left out" : "that of the script or process stays in force"));
        ++i;
      } else if (word == "reverse" || word == "noreverse" || word == "no_reverse") {
        use.reverse = word == "reverse";
      } else {
        notes.Add(line, Verdict::kDecide, absl::StrCat("keepalived ignores '", word, "'"));
      }
    }
    out->push_back(std::move(use));
  }
}

bool ReadNotifyWord(const Statement& statement, const WordRule& rule, NotifyPrograms* out, Notes& notes) {
  Values values(notes, statement, rule);
  if (rule.word == "notify") return values.Program(&out->any), true;
  if (rule.word == "notify_master") return values.Program(&out->master), true;
  if (rule.word == "notify_backup") return values.Program(&out->backup), true;
  if (rule.word == "notify_fault") return values.Program(&out->fault), true;
  if (rule.word == "notify_stop") return values.Program(&out->stop), true;
  if (rule.word == "smtp_alert") {
    const bool off = ParseSwitch(statement.word(1)) == false;
    notes.Say(statement, off ? Verdict::kDropped : rule.verdict, rule.what);
    return true;
  }
  return false;
}

ScriptOf ReadScriptBlock(const Statement& block, Notes& notes) {
  ScriptOf script;
  script.name = std::string(block.word(1));
  script.from = &block;
  notes.Say(block, Verdict::kTaken, "[[track]]");
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kScript, line);
    if (rule == nullptr) continue;
    const absl::string_view word = rule->word;
    Values values(notes, line, *rule);
    if (word == "script") values.Program(&script.program);
    if (word == "interval")
      values.WholeSeconds(std::chrono::milliseconds(100), kLongest, &script.interval, "it is 1 s here");
    if (word == "timeout")
      values.WholeSeconds(std::chrono::milliseconds(10), kLongest, &script.timeout, "it is the interval here");
    if (word == "weight") values.Weight(kMostWeight, &script.weight, &script.reverse);
    if (word == "rise") values.Integer(1, 65535, &script.rise, "keepalived uses 1");
    if (word == "fall") values.Integer(1, 65535, &script.fall, "keepalived uses 1");
    if (word == "user") values.User(&script.user);
    if (word == "init_fail") values.Flag(&script.init_fail);
    if (word == "user" && line.words.size() > 2) notes.Add(line, Verdict::kChanged, "the group is that of the user");
  }
  return script;
}

ProcessOf ReadProcessBlock(const Statement& block, Notes& notes) {
  ProcessOf process;
  process.name = std::string(block.word(1));
  process.from = &block;
  notes.Say(block, Verdict::kChanged, "[[track]] that runs pgrep");
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kProcess, line);
    if (rule == nullptr) continue;
    const absl::string_view word = rule->word;
    Values values(notes, line, *rule);
    if (word == "process") {
      if (line.words.size() < 2) {
        notes.Say(line, Verdict::kDecide, "needs the name of a process");
      } else {
        values.Put(&process.process, std::vector<std::string>(line.words.begin() + 1, line.words.end()));
      }
    }
    if (word == "weight") values.Weight(kMostWeight, &process.weight, &process.reverse);
    if (word == "quorum") values.Integer(1, 65535, &process.quorum, "keepalived uses 1");
    if (word == "full_command") values.Flag(&process.full_command);
    if (word == "fork_delay") values.Time(Nanoseconds(0), kLongest, &process.fork_delay, "it is left out");
    if (word == "terminate_delay") values.Time(Nanoseconds(0), kLongest, &process.terminate_delay, "it is left out");
    if (word == "delay") {
      Given<Nanoseconds> delay;
      values.Time(Nanoseconds(0), kLongest, &delay, "it is left out");
      if (delay) process.fork_delay = process.terminate_delay = delay;
    }
  }
  return process;
}

GroupOf ReadGroupBlock(const Statement& block, Notes& notes) {
  GroupOf group;
  group.name = std::string(block.word(1));
  group.from = &block;
  notes.Say(block, Verdict::kTaken, "[[group]]");
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kGroup, line);
    if (rule == nullptr) continue;
    const absl::string_view word = rule->word;
    if (word == "group") {
      notes.Say(line, Verdict::kTaken, rule->what);
      for (const Statement& member : line.block) {
        if (!IsReal(member)) continue;
        notes.Say(member, Verdict::kTaken, rule->what);
        for (const std::string& name : member.words) group.members.emplace_back(name, &member);
      }
    } else if (word == "track_script") {
      ReadTrackedBy(line, &group.tracks.scripts, notes);
    } else if (word == "track_process") {
      ReadTrackedBy(line, &group.tracks.processes, notes);
    } else if (word == "track_interface") {
      ReadTrackedBy(line, &group.tracks.interfaces, notes);
    } else if (word == "sync_group_tracking_weight") {
      Values(notes, line, *rule).Flag(&group.tracking_weight);
    } else {
      ReadNotifyWord(line, *rule, &group.notify, notes);
    }
  }
  return group;
}

}  // namespace dpvrrp::keepalived
