// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the values of statements, and says what is wrong with them.
//
// Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "keepalived/model.h"
#include "keepalived/notes.h"

namespace dpvrrp::keepalived {

// "1", "0.25", ".5". Nothing: not a number, or negative, or more than 10 million seconds.
std::optional<Nanoseconds> ParseSeconds(absl::string_view text);
// "250ms", "5s", "1500us": the shortest form that config/duration.h reads.
std::string DurationText(Nanoseconds duration);
// on, true, yes, or nothing: true. off, false, no: false.
std::optional<bool> ParseSwitch(absl::string_view text);
// Whether it can be the name of an interface: printable ASCII without what has a meaning to DPDK or in templates of
// files.
bool IsInterface(absl::string_view name);
// Whether dpvrrpd takes it as the name of a user.
bool IsUser(absl::string_view name);
// A name that docs/config.md allows: other characters become '-'.
std::string ValidName(absl::string_view name);

class Values {
 public:
  Values(Notes& notes, const Statement& statement, const WordRule& rule)
      : notes_(notes), statement_(statement), rule_(rule) {}

  // Each sets `*out` and says that the statement is taken as the rule says. If `*out` has a value of an earlier
  // statement, that one is said to be replaced. If the value is not valid, `*out` stays, and `otherwise` says what
  // keepalived does then.
  void Integer(int64_t low, int64_t high, Given<int>* out, absl::string_view otherwise);
  void Time(Nanoseconds low, Nanoseconds high, Given<Nanoseconds>* out, absl::string_view otherwise);
  // Where keepalived reads no fraction of a second.
  void WholeSeconds(Nanoseconds low, Nanoseconds high, Given<Nanoseconds>* out, absl::string_view otherwise);
  void Switch(Given<bool>* out);
  void Flag(Given<bool>* out);  // any further words are dropped
  void Text(Given<std::string>* out);
  void User(Given<std::string>* out);
  void Address(Given<IpAddress>* out, bool multicast);
  void Program(Given<ProgramOf>* out);
  void Weight(int limit, Given<int>* out, bool* reverse);

  template <typename T>
  void Put(Given<T>* out, T value) {
    if (out->from != nullptr) {
      notes_.Say(*out->from, Verdict::kDropped, Replaced());
    }
    *out = {std::move(value), &statement_};
    notes_.Say(statement_, rule_.verdict, rule_.what);
  }

 private:
  std::string Replaced() const;  // "line 12 replaces it"
  void PutInteger(int64_t low, int64_t high, Given<int>* out, absl::string_view otherwise);
  void SayFurtherWords(size_t words);  // that are behind the first `words` words of the statement
  void Refuse(absl::string_view rule, absl::string_view otherwise);

  Notes& notes_;
  const Statement& statement_;
  const WordRule& rule_;
};

}  // namespace dpvrrp::keepalived
