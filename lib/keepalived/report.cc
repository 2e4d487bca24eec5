// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dpvrrp::keepalived {
namespace {

constexpr absl::string_view kVerdictNames[kVerdicts] = {"taken", "changed", "dropped", "decide", "unsupported"};

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppend(&out, absl::StrFormat("\\u%04x", unsigned{byte}));
    } else {
      out.push_back(c);
    }
  }
  return absl::StrCat(out, "\"");
}

}  // namespace

absl::string_view ToString(Verdict verdict) { return kVerdictNames[static_cast<size_t>(verdict)]; }

std::array<size_t, kVerdicts> Report::Counts() const {
  std::array<size_t, kVerdicts> counts{};
  for (const ReportLine& line : lines) ++counts[static_cast<size_t>(line.verdict)];
  return counts;
}

int Report::ExitStatus() const {
  const std::array<size_t, kVerdicts> counts = Counts();
  if (counts[static_cast<size_t>(Verdict::kUnsupported)] != 0) return 4;
  return counts[static_cast<size_t>(Verdict::kDecide)] != 0 ? 3 : 0;
}

std::string Report::Text() const {
  std::string out;
  for (const ReportLine& line : lines) {
    absl::StrAppend(&out, line.file, ":", line.line, ": ", ToString(line.verdict), "  ", line.words);
    if (!line.what.empty()) absl::StrAppend(&out, "  -> ", line.what);
    out.push_back('\n');
  }
  const std::array<size_t, kVerdicts> counts = Counts();
  for (size_t i = 0; i < kVerdicts; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", counts[i], " ", kVerdictNames[i]);
  }
  return absl::StrCat(out, "\n");
}

std::string Report::Json() const {
  std::string out = "{\"statements\":[";
  for (size_t i = 0; i < lines.size(); ++i) {
    const ReportLine& line = lines[i];
    absl::StrAppend(&out, i == 0 ? "" : ",", "{\"file\":", JsonString(line.file), ",\"line\":", line.line);
    absl::StrAppend(&out, ",\"verdict\":", JsonString(ToString(line.verdict)), ",\"words\":", JsonString(line.words));
    absl::StrAppend(&out, ",\"what\":", JsonString(line.what), "}");
  }
  absl::StrAppend(&out, "],\"counts\":{");
  const std::array<size_t, kVerdicts> counts = Counts();
  for (size_t i = 0; i < kVerdicts; ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ",", JsonString(kVerdictNames[i]), ":", counts[i]);
  }
  return absl::StrCat(out, "}}\n");
}

}  // namespace dpvrrp::keepalived
