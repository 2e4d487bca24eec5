// SPDX-License-Identifier: BSD-3-Clause
#include "cli/report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/screen_text.h"
#include "cli/table_text.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kGap = "  ";  // before each line under a heading, and before a value
constexpr size_t kNarrowestValue = 20;    // a narrower place is not used: the value is not wrapped

void AppendTextLine(std::string* out, std::string line) {
  absl::StripTrailingAsciiWhitespace(&line);
  absl::StrAppend(out, line, "\n");
}

void AppendBody(std::string* out, absl::string_view indent, const Record& record, const Screen& screen) {
  size_t width = 0;
  for (const Field& field : record.fields) width = std::max(width, internal::ScreenWidth(internal::Spaced(field.name)));
  const size_t before = indent.size() + width + kGap.size();
  const size_t room = screen.width >= before + kNarrowestValue ? screen.width - before : 0;
  for (const Field& field : record.fields) {
    const std::string cell = CellText(field.value);
    const std::string name = internal::Spaced(field.name);
    std::string head = absl::StrCat(indent, name, std::string(width - internal::ScreenWidth(name), ' '), kGap);
    for (const std::string& line : internal::WrapText(cell, room)) {
      const absl::string_view tint = screen.colour ? internal::ColourOf(field.name, cell) : absl::string_view();
      AppendTextLine(out, absl::StrCat(head, internal::Coloured(line, tint)));
      head.assign(before, ' ');
    }
  }
}

void AppendBody(std::string* out, absl::string_view indent, const Table& table, const Screen& screen) {
  internal::AppendTable(out, indent, table, screen);
}

}  // namespace

Value Count(uint64_t count) {
  return static_cast<int64_t>(std::min<uint64_t>(count, std::numeric_limits<int64_t>::max()));
}

std::string CellText(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "-"; }
    std::string operator()(bool v) const { return v ? "yes" : "no"; }
    std::string operator()(int64_t v) const { return absl::StrCat(v); }
    std::string operator()(double v) const { return std::isfinite(v) ? absl::StrFormat("%.6g", v) : "-"; }
    std::string operator()(const std::string& v) const { return EscapeForTerminal(v); }
  };
  return std::visit(Visitor{}, value);
}

std::string RenderText(const Report& report, const Screen& screen) {
  std::string out;
  if (!report.text.empty()) {
    for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(report.text, "\n"), '\n')) {
      absl::StrAppend(&out, internal::WrapFreeLine(line, screen.width));
    }
  }
  for (const Section& section : report.sections) {
    if (!out.empty()) out += '\n';
    if (!section.name.empty()) {
      const std::string heading = internal::Spaced(section.name);
      AppendTextLine(&out, screen.colour ? internal::Coloured(heading, internal::kBold) : heading);
    }
    const absl::string_view indent = section.name.empty() ? "" : kGap;
    std::visit([&](const auto& body) { AppendBody(&out, indent, body, screen); }, section.body);
  }
  if (!report.footer.empty()) absl::StrAppend(&out, internal::WrapFreeLine(report.footer, screen.width));
  return out;
}

}  // namespace dpvrrp
