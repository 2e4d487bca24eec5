// SPDX-License-Identifier: BSD-3-Clause
//
// Histograms as an SVG document (SVG 1.1), without scripts and without anything from elsewhere.
//
// Thread: any (pure).
#pragma once

#include <string>
#include <vector>

#include "gen/samples.h"

namespace dpvrrp {

struct Histogram {
  std::string title;
  const Samples* samples;  // at least one
};

inline constexpr size_t kHistogramBars = 40;

// How many samples are in each of kHistogramBars equal parts from the least to the most.
std::vector<uint64_t> HistogramCounts(const Samples& samples);

// The histograms below each other. Each has bars, the cumulative share as a line, and the least, median, 99th
// percentile and most. Without histograms: a document that says so.
std::string HistogramSvg(const std::vector<Histogram>& histograms);

}  // namespace dpvrrp
