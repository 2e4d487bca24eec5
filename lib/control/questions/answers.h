// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "control/questions/questions.h"

namespace dpvrrp {

// What the lcores have said to one question.
struct Answers {
  const Questions* questions = nullptr;            // what they last said of each instance; null: none was asked
  const std::vector<Speaker>* speakers = nullptr;  // what their watches last saw; null: none was asked
  Instant asked_at{};                              // what was said before this is not an answer to this question
  std::vector<size_t> absent;                      // the workers that did not answer in time
};

}  // namespace dpvrrp
