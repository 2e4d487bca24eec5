// SPDX-License-Identifier: BSD-3-Clause
#include "script/runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/count_text.h"
#include "cli/report_reader.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kEcho = "dpvrrpd> ";

std::string Seconds(Nanoseconds time) { return absl::StrFormat("%.2f s", std::chrono::duration<double>(time).count()); }

std::string InOneLine(absl::string_view body) { return std::string(absl::StripSuffix(body, "\n")); }

}  // namespace

void ScriptRunner::OnTime(Instant now) {
  while (!finished_ && !asked_ && deadline_ <= now) {
    if (next_ == statements_.size()) return Finish();
    if (!running_) {
      Begin(now);
      continue;
    }
    if (std::holds_alternative<statement::Sleep>(statements_[next_].what)) {
      Done();
    } else if (const auto* wait = std::get_if<statement::WaitUntil>(&statements_[next_].what)) {
      AskTerm(wait->terms);
    }
  }
}

void ScriptRunner::Begin(Instant now) {
  const Statement& statement = statements_[next_];
  running_ = true;
  began_ = now;
  term_ = 0;
  last_saw_.clear();
  absl::StrAppend(&output_, kEcho, statement.text, "\n");
  if (const auto* run = std::get_if<statement::Run>(&statement.what)) return Ask(run->command);
  if (const auto* fails = std::get_if<statement::ExpectFails>(&statement.what)) return Ask(fails->command);
  if (const auto* expect = std::get_if<statement::Expect>(&statement.what)) return AskTerm(expect->terms);
  if (const auto* wait = std::get_if<statement::WaitUntil>(&statement.what)) return AskTerm(wait->terms);
  if (const auto* sleep = std::get_if<statement::Sleep>(&statement.what)) {
    deadline_ = now + sleep->time;
    return;
  }
  if (const auto* echo = std::get_if<statement::Echo>(&statement.what)) {
    absl::StrAppend(&output_, echo->text, "\n");
    return Done();
  }
  statements_.resize(++next_);  // quit
  Finish();
}

void ScriptRunner::OnAnswer(bool ok, absl::string_view body, Instant now) {
  if (!std::exchange(asked_, false)) return;
  const Statement& statement = statements_[next_];
  if (const auto* expect = std::get_if<statement::Expect>(&statement.what)) {
    Judge(ok, body, expect->terms, now);
  } else if (const auto* wait = std::get_if<statement::WaitUntil>(&statement.what)) {
    Judge(ok, body, wait->terms, now);
  } else {
    const bool wants_failure = std::holds_alternative<statement::ExpectFails>(statement.what);
    output_.append(body.data(), body.size());
    if (!body.empty() && body.back() != '\n') output_ += '\n';
    if (ok == wants_failure) return Fail(ok ? "the command was expected to fail" : "the command failed");
    Done();
  }
  OnTime(now);
}

void ScriptRunner::Judge(bool ok, absl::string_view body, const std::vector<Term>& terms, Instant now) {
  const Term& term = terms[term_];
  if (!ok) return NotHeld(term, InOneLine(body), now);
  const absl::StatusOr<Report> report = ReadReport(body);
  if (!report.ok()) return NotHeld(term, std::string(report.status().message()), now);
  const absl::StatusOr<Judgement> judgement = Evaluate(term, *report);
  if (!judgement.ok()) return NotHeld(term, std::string(judgement.status().message()), now);
  if (!judgement->held) return NotHeld(term, absl::StrCat("saw ", judgement->saw), now);
  NextTerm(terms, judgement->saw, now);
}

void ScriptRunner::NextTerm(const std::vector<Term>& terms, std::string saw, Instant now) {
  absl::StrAppend(&last_saw_, last_saw_.empty() ? "" : ", ", saw);
  if (++term_ < terms.size()) return AskTerm(terms);
  const bool waited = std::holds_alternative<statement::WaitUntil>(statements_[next_].what);
  absl::StrAppend(&output_, "held: ", last_saw_, waited ? absl::StrCat(", after ", Seconds(now - began_)) : "", "\n");
  Done();
}

// `wait until` looks again, from the first term on, until its time is over.
void ScriptRunner::NotHeld(const Term& term, const std::string& why, Instant now) {
  const auto* wait = std::get_if<statement::WaitUntil>(&statements_[next_].what);
  if (wait == nullptr) return Fail(absl::StrCat("expected ", term.text, "; ", why));
  const Instant end = began_ + wait->within;
  if (now >= end) return Fail(absl::StrCat("expected within ", Seconds(wait->within), ": ", term.text, "; ", why));
  term_ = 0;
  last_saw_.clear();
  deadline_ = std::min(now + kScriptPoll, end);
}

void ScriptRunner::Ask(std::string line) {
  question_ = std::move(line);
  asked_ = true;
}

void ScriptRunner::AskTerm(const std::vector<Term>& terms) { Ask(absl::StrCat(terms[term_].command, " --json")); }

void ScriptRunner::Done() {
  ++next_;
  running_ = false;
  deadline_ = Instant::min();
}

void ScriptRunner::Fail(const std::string& reason) {
  const Statement& statement = statements_[next_];
  absl::StrAppend(&output_, statement.file, ":", statement.line, ": ", reason, "\n", name_, ": failed\n");
  held_ = false;
  finished_ = true;
}

void ScriptRunner::Finish() {
  absl::StrAppend(&output_, name_, ": ", CountText(statements_.size(), "statement"), ", all held\n");
  finished_ = true;
}

}  // namespace dpvrrp
