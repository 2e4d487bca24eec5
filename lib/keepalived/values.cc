// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/values.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/command_words.h"
#include "config/instance_rules.h"

namespace dpvrrp::keepalived {
namespace {

constexpr double kMostSeconds = 1e7;
constexpr size_t kLongestName = 63;
constexpr size_t kLongestUser = 32;
constexpr size_t kLongestCommand = 4000;  // dpvrrpd takes 4096 bytes, and runuser or env may be put before it

}  // namespace

std::optional<Nanoseconds> ParseSeconds(absl::string_view text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789.") == absl::string_view::npos;
  double value = 0;
  if (!digits || !absl::SimpleAtod(text, &value) || !(value >= 0) || value > kMostSeconds) return std::nullopt;
  return std::chrono::microseconds(std::llround(value * 1e6));
}

std::string DurationText(Nanoseconds duration) {
  const int64_t us = duration / std::chrono::microseconds(1);
  if (us % 1000000 == 0) return absl::StrCat(us / 1000000, "s");
  if (us % 1000 == 0) return absl::StrCat(us / 1000, "ms");
  return absl::StrCat(us, "us");
}

std::optional<bool> ParseSwitch(absl::string_view text) {
  if (text.empty() || text == "on" || text == "true" || text == "yes") return true;
  if (text == "off" || text == "false" || text == "no") return false;
  return std::nullopt;
}

bool IsInterface(absl::string_view name) {
  return config_internal::InterfaceNameFault(name).empty() && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c)) && !absl::StrContains(",<>\"'{}$\\", c);
         });
}

bool IsUser(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestUser && name[0] != '-' && ValidName(name) == name;
}

std::string ValidName(absl::string_view name) {
  std::string out(name.substr(0, kLongestName));
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return !absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-'; },
      '-');
  return out.empty() ? "unnamed" : out;
}

std::string Values::Replaced() const { return absl::StrCat("line ", statement_.at.line, " replaces it"); }

void Values::Refuse(absl::string_view rule, absl::string_view otherwise) {
  notes_.Say(statement_, Verdict::kDecide, absl::StrCat(rule, otherwise.empty() ? "" : "; ", otherwise));
}

void Values::SayFurtherWords(size_t words) {
  if (statement_.words.size() <= words) return;
  notes_.Add(statement_, Verdict::kDecide, "keepalived ignores the words after the value");
}

void Values::Integer(int64_t low, int64_t high, Given<int>* out, absl::string_view otherwise) {
  PutInteger(low, high, out, otherwise);
  SayFurtherWords(2);
}

void Values::PutInteger(int64_t low, int64_t high, Given<int>* out, absl::string_view otherwise) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(statement_.word(1), &value) || value < low || value > high) {
    return Refuse(absl::StrCat("must be ", low, "..", high), otherwise);
  }
  Put(out, static_cast<int>(value));
}

void Values::Time(Nanoseconds low, Nanoseconds high, Given<Nanoseconds>* out, absl::string_view otherwise) {
  const std::optional<Nanoseconds> value = ParseSeconds(statement_.word(1));
  if (!value || *value < low || *value > high) {
    return Refuse(absl::StrCat("must be ", DurationText(low), " to ", DurationText(high), " in seconds"), otherwise);
  }
  Put(out, *value);
  SayFurtherWords(2);
}

void Values::WholeSeconds(Nanoseconds low, Nanoseconds high, Given<Nanoseconds>* out, absl::string_view otherwise) {
  const std::optional<Nanoseconds> value = ParseSeconds(statement_.word(1));
  if (value && *value % std::chrono::seconds(1) != Nanoseconds(0)) {
    return Refuse("keepalived reads whole seconds here", otherwise);
  }
  Time(low, high, out, otherwise);
}

void Values::Switch(Given<bool>* out) {
  const std::optional<bool> value = ParseSwitch(statement_.word(1));
  if (!value) return Refuse("must be on or off", "");
  Put(out, *value);
  SayFurtherWords(2);
}

void Values::Flag(Given<bool>* out) { Put(out, true); }

void Values::Text(Given<std::string>* out) {
  if (statement_.word(1).empty()) return Refuse("needs a value", "keepalived ignores it");
  Put(out, std::string(statement_.word(1)));
  SayFurtherWords(2);
}

void Values::User(Given<std::string>* out) {
  if (!IsUser(statement_.word(1))) return Refuse("must be the name of a user", "it is left out");
  Put(out, std::string(statement_.word(1)));
}

void Values::Address(Given<IpAddress>* out, bool multicast) {
  const absl::StatusOr<IpAddress> address = ParseIpAddress(statement_.word(1));
  if (!address.ok() || address->IsMulticast() != multicast) {
    return Refuse(multicast ? "must be a multicast address" : "must be an address without a prefix length",
                  "keepalived ignores it");
  }
  Put(out, *address);
  SayFurtherWords(2);
}

// keepalived reads the first word, or what stands in quotation marks, and takes the next words for a user and a group.
void Values::Program(Given<ProgramOf>* out) {
  ProgramOf program;
  program.command = std::string(absl::StripAsciiWhitespace(statement_.word(1)));
  if (program.command.empty()) return Refuse("needs a program", "keepalived ignores it");
  const auto words = config_internal::SplitCommand(program.command);
  if (!words.ok()) return Refuse(absl::StrCat("the command ", words.status().message()), "it is left out");
  if (program.command.size() > kLongestCommand) return Refuse("a command has at most 4000 bytes", "it is left out");
  const bool is_check = rule_.block == Block::kScript;
  if (!is_check) program.user = std::string(statement_.word(2));
  if (!program.user.empty() && !IsUser(program.user)) {
    return Refuse(absl::StrCat("'", program.user, "' is no name of a user"), "it is left out");
  }
  Put(out, program);
  if (statement_.words.size() > (is_check ? 2 : 4)) {
    notes_.Add(statement_, Verdict::kDecide,
               "keepalived ignores the words after it: put the whole command in quotation marks");
  }
  if (!is_check && statement_.words.size() == 4)
    notes_.Add(statement_, Verdict::kChanged, "the group is that of the user");
  const absl::string_view shell_word = config_internal::ShellWordOf(*words);
  if (!shell_word.empty()) {
    notes_.Add(
        statement_, Verdict::kChanged,
        absl::StrCat("keepalived starts no shell, so '", shell_word, "' is an argument: write /bin/sh -c '...'"));
  }
}

void Values::Weight(int limit, Given<int>* out, bool* reverse) {
  PutInteger(-limit, limit, out, "keepalived ignores it");
  const absl::string_view word = statement_.word(2);
  const bool known = word == "reverse" || word == "noreverse" || word == "no_reverse";
  if (out->from == &statement_) *reverse = word == "reverse";
  SayFurtherWords(known ? 3 : 2);
}

}  // namespace dpvrrp::keepalived
