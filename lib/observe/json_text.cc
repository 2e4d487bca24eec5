// SPDX-License-Identifier: BSD-3-Clause
#include "observe/json_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"

namespace dpvrrp {

void JsonText::Separate() {
  if (!after_key_ && !first_) text_ += ',';
  first_ = false;
  after_key_ = false;
}

JsonText& JsonText::Begin(char open, char close) {
  Separate();
  text_ += open;
  open_.push_back(close);
  first_ = true;
  return *this;
}

JsonText& JsonText::End() {
  DPVRRP_CHECK(!open_.empty());
  text_ += open_.back();
  open_.pop_back();
  first_ = false;
  return *this;
}

JsonText& JsonText::Key(absl::string_view name) {
  Separate();
  Quote(name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonText& JsonText::Number(int64_t value) {
  Separate();
  absl::StrAppend(&text_, value);
  return *this;
}

JsonText& JsonText::LongNumber(uint64_t value) {
  Separate();
  absl::StrAppend(&text_, "\"", value, "\"");
  return *this;
}

JsonText& JsonText::Bool(bool value) {
  Separate();
  text_ += value ? "true" : "false";
  return *this;
}

JsonText& JsonText::Text(absl::string_view value) {
  Separate();
  Quote(value);
  return *this;
}

// RFC 8259 7: quotes, backslashes and control characters are escaped.
void JsonText::Quote(absl::string_view value) {
  text_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&text_, "\\u%04x", c);
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

}  // namespace dpvrrp
