// SPDX-License-Identifier: BSD-3-Clause
#include "gen/svg.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace dpvrrp {
namespace {

// Pixels.
constexpr int kWidth = 800;
constexpr int kPanel = 260;  // the height of one histogram
constexpr int kLeft = 60;
constexpr int kTop = 40;    // of a panel, for its title
constexpr int kPlot = 150;  // the height of the highest bar
constexpr int kPlotWidth = kWidth - 2 * kLeft;

std::string Escape(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string InMs(Nanoseconds time) { return absl::StrFormat("%.3f ms", static_cast<double>(time.count()) / 1e6); }

void AppendText(std::string& out, double x, double y, absl::string_view anchor, const std::string& text) {
  absl::StrAppendFormat(&out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, Escape(text));
}

void AppendPanel(std::string& out, const Histogram& histogram, int top) {
  const Samples& samples = *histogram.samples;
  const std::vector<uint64_t> counts = HistogramCounts(samples);
  const uint64_t highest = *std::max_element(counts.begin(), counts.end());
  const double bar = double{kPlotWidth} / kHistogramBars;
  const double base = top + kTop + kPlot;
  AppendText(out, kLeft, top + 24, "start", histogram.title);
  std::string line;
  uint64_t below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double height = kPlot * static_cast<double>(counts[i]) / static_cast<double>(highest);
    const double x = kLeft + bar * static_cast<double>(i);
    if (counts[i] != 0) {
      absl::StrAppendFormat(&out,
                            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%d</title></rect>\n", x,
                            base - height, bar - 1, height, counts[i]);
    }
    below += counts[i];
    const double share = static_cast<double>(below) / static_cast<double>(samples.size());
    absl::StrAppendFormat(&line, "%s%.1f,%.1f", i == 0 ? "" : " ", x + bar, base - kPlot * share);
  }
  absl::StrAppendFormat(&out, "<polyline points=\"%s\"/>\n", line);
  absl::StrAppendFormat(&out, "<path d=\"M%d %.1fH%d\"/>\n", kLeft, base, kLeft + kPlotWidth);
  AppendText(out, kLeft - 6, top + kTop + 5, "end", absl::StrCat(highest));
  AppendText(out, kLeft + kPlotWidth + 6, top + kTop + 5, "start", "100 %");
  AppendText(out, kLeft, base + 18, "start", InMs(samples.At(0)));
  AppendText(out, kLeft + kPlotWidth, base + 18, "end", InMs(samples.At(1000)));
  AppendText(out, kWidth / 2.0, base + 38, "middle",
             absl::StrCat(samples.size(), " samples, median ", InMs(samples.At(500)), ", 99 % within ",
                          InMs(samples.At(990))));
}

}  // namespace

std::vector<uint64_t> HistogramCounts(const Samples& samples) {
  std::vector<uint64_t> counts(kHistogramBars);
  const Nanoseconds least = samples.At(0);
  const int64_t span = (samples.At(1000) - least).count() + 1;
  for (const Nanoseconds value : samples.values()) {
    const double place = static_cast<double>((value - least).count()) / static_cast<double>(span);
    ++counts[std::min(static_cast<size_t>(place * kHistogramBars), kHistogramBars - 1)];
  }
  return counts;
}

std::string HistogramSvg(const std::vector<Histogram>& histograms) {
  const int height = kPanel * std::max<int>(1, static_cast<int>(histograms.size()));
  std::string out = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
      "<style>text{font:13px sans-serif;fill:#222}rect{fill:#4a7ab5}polyline{fill:none;stroke:#c33;stroke-width:1.5}"
      "path{stroke:#222}.page{fill:#fff}</style>\n<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n",
      kWidth, height, kWidth, height, kWidth, height);
  if (histograms.empty()) AppendText(out, kLeft, 24, "start", "The run measured nothing.");
  for (size_t i = 0; i < histograms.size(); ++i) AppendPanel(out, histograms[i], static_cast<int>(i) * kPanel);
  absl::StrAppend(&out, "</svg>\n");
  return out;
}

}  // namespace dpvrrp
