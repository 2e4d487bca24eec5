// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/notes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "keepalived/toml_text.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kMaxShownBytes = 120;  // of a statement
constexpr const char* kMisplaced = "stands in a block that keepalived does not expect here; is a '}' missing above?";

// Of the verdicts, the one that needs more attention.
int Gravity(Verdict verdict) {
  constexpr int kGravity[kVerdicts] = {0, 2, 1, 3, 4};
  return kGravity[static_cast<size_t>(verdict)];
}

bool HasSecrets(absl::string_view word) { return word == "authentication" || word == "auth_hmac"; }

// How many words of a statement may be shown; the others may be a secret, also if a word is misspelt or several
// statements stand on one line.
size_t ShownWords(const Statement& statement, bool in_secrets) {
  const absl::string_view word = statement.word(0);
  size_t shown = statement.words.size();
  if (in_secrets || HasSecrets(word) || word == "key") {
    const bool value =
        word == "auth_type" || word == "active_key" || word == "time_window" || word == "mode" || word == "anti_replay";
    int id = 0;
    const bool key = word == "key" && shown > 2 && absl::SimpleAtoi(statement.word(1), &id);
    shown = std::min<size_t>(shown, value || key ? 2 : 1);
  }
  for (size_t i = 0; i < shown; ++i) {
    if (absl::StartsWith(statement.words[i], "auth_pas") || absl::StartsWith(statement.words[i], "passw")) return i + 1;
  }
  return shown;
}

// The words as a person recognises them. Secrets are shown as ***.
std::string Shown(const Statement& statement, bool in_secrets) {
  const size_t shown = ShownWords(statement, in_secrets);
  std::string out;
  for (size_t i = 0; i < statement.words.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : " ");
    if (i == shown) {
      absl::StrAppend(&out, "***");
      break;
    }
    absl::StrAppend(&out, statement.quoted[i] ? absl::StrCat("\"", statement.words[i], "\"") : statement.words[i]);
  }
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  if (out.size() > kMaxShownBytes) out = absl::StrCat(out.substr(0, kMaxShownBytes), "...");
  out = Utf8(out);
  return statement.has_block ? absl::StrCat(out, " {}") : out;
}

bool IsBalancer(absl::string_view word) {
  return word == "virtual_server" || word == "virtual_server_group" || word == "SSL";
}

}  // namespace

void Notes::Open(std::vector<Statement>* statements) {
  const auto enter = [this](auto& self, std::vector<Statement>* block, bool in_secrets) -> void {
    for (Statement& statement : *block) {
      if (statement.words.empty()) continue;  // only comments
      statement.entry = report_.lines.size();
      report_.lines.push_back(
          {statement.at.file, statement.at.line, Verdict::kUnsupported, Shown(statement, in_secrets), ""});
      said_.push_back(false);
      if (statement.note) Say(statement, statement.note->verdict, statement.note->what);
      if (!IsBalancer(statement.word(0))) {
        self(self, &statement.block, in_secrets || HasSecrets(statement.word(0)));
      }
    }
  };
  enter(enter, statements, false);
}

void Notes::Say(const Statement& statement, Verdict verdict, absl::string_view what) {
  ReportLine& line = report_.lines[statement.entry];
  line.verdict = verdict;
  line.what = std::string(what);
  said_[statement.entry] = true;
}

void Notes::SayAll(const Statement& statement, Verdict verdict, absl::string_view what) {
  Say(statement, verdict, what);
  if (IsBalancer(statement.word(0))) return;
  for (const Statement& inner : statement.block) {
    if (!inner.words.empty() && !inner.note) SayAll(inner, verdict, what);
  }
}

void Notes::Unused(const Statement& statement, absl::string_view what) {
  if (Gravity(report_.lines[statement.entry].verdict) < Gravity(Verdict::kDecide))
    Say(statement, Verdict::kDropped, what);
  for (const Statement& inner : statement.block) {
    if (!inner.words.empty() && !inner.note) Unused(inner, what);
  }
}

void Notes::Add(const Statement& statement, Verdict verdict, absl::string_view what) {
  ReportLine& line = report_.lines[statement.entry];
  if (!said_[statement.entry]) return Say(statement, verdict, what);
  if (Gravity(verdict) > Gravity(line.verdict)) line.verdict = verdict;
  absl::StrAppend(&line.what, line.what.empty() ? "" : "; ", what);
}

const WordRule* Notes::RuleToRead(Block block, const Statement& statement) {
  if (statement.note || statement.words.empty()) return nullptr;
  const WordRule* rule = FindWord(block, statement.word(0));
  if (rule == nullptr) {
    const absl::string_view word = statement.word(0);
    const std::string unknown = absl::StrCat("unknown word in ", ToString(block));
    SayAll(statement, Verdict::kUnsupported, unknown);
    Say(statement, Verdict::kUnsupported, absl::StrCat(unknown, DidYouMean(block, word)));
    return nullptr;
  }
  if (!rule->read) {
    SayAll(statement, rule->verdict, rule->what);
    return nullptr;
  }
  return rule;
}

Report Notes::Take() {
  for (size_t i = 0; i < said_.size(); ++i) {
    if (!said_[i]) report_.lines[i].what = kMisplaced;
  }
  return std::move(report_);
}

}  // namespace dpvrrp::keepalived
