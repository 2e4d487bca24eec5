// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "keepalived/report.h"
#include "keepalived/statement.h"
#include "keepalived/words.h"

namespace dpvrrp::keepalived {

// The report while it is made. Every statement has its line before its verdict is known, so the lines are in the order
// of the file.
//
// Thread: one.
class Notes {
 public:
  // Makes a line for each of the statements and sets their `entry`. Statements in the blocks of the load balancer have
  // none: the line of their block stands for them.
  void Open(std::vector<Statement>* statements);

  // Sets the verdict of the statement. A later verdict replaces an earlier one.
  void Say(const Statement& statement, Verdict verdict, absl::string_view what);
  // Says the same of the statement and all statements in its block.
  void SayAll(const Statement& statement, Verdict verdict, absl::string_view what);
  // Says that the statement and those in its block are dropped, except those with a graver verdict.
  void Unused(const Statement& statement, absl::string_view what);
  // Gives the statement a graver verdict, and adds the reason to what is said already.
  void Add(const Statement& statement, Verdict verdict, absl::string_view what);

  // The rule of the word. Null: the word is unknown, or the table alone decides; then its verdict is already in the
  // report.
  const WordRule* RuleToRead(Block block, const Statement& statement);

  // The finished report. A statement without a verdict counts as not supported.
  Report Take();

 private:
  Report report_;
  std::vector<bool> said_;
};

}  // namespace dpvrrp::keepalived
