// SPDX-License-Identifier: BSD-3-Clause
//
// Writes JSON step by step, for texts of megabytes whose form another document prescribes. (The answers of commands
// have cli/report.h, with a library that keeps a tree of values. For 16,000 instances that takes three times as long a
// byte.)
//
//   JsonText json;
//   json.BeginObject();
//   json.Key("vrid").Number(51);
//   json.Key("state").Text("ietf-vrrp:master");
//   json.End();
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace dpvrrp {

class JsonText {
 public:
  // Each writes a value. In an object, Key() must precede it.
  JsonText& BeginObject() { return Begin('{', '}'); }
  JsonText& BeginArray() { return Begin('[', ']'); }
  JsonText& End();  // of the object or array that was begun last
  JsonText& Number(int64_t value);
  JsonText& Bool(bool value);
  JsonText& Text(absl::string_view value);  // UTF-8
  // A 64-bit number, which RFC 7951 6.1 writes as a string.
  JsonText& LongNumber(uint64_t value);

  JsonText& Key(absl::string_view name);

  std::string Take() { return std::move(text_); }

 private:
  JsonText& Begin(char open, char close);
  void Separate();
  void Quote(absl::string_view value);

  std::string text_;
  std::vector<char> open_;  // the closing brackets
  bool first_ = true;       // in the innermost object or array
  bool after_key_ = false;
};

}  // namespace dpvrrp
