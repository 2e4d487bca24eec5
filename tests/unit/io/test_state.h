// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "io/state_copier.h"
#include "io/state_records.h"

namespace dpvrrp {

namespace internal {
struct CopierOfTest {
  std::unique_ptr<StateCopier> copier;
};
}  // namespace internal

// Daemon and copier in one thread of a test, on a real folder.
class TestState : private internal::CopierOfTest, public StateRecords {
 public:
  static absl::StatusOr<std::unique_ptr<TestState>> Open(const std::string& directory, const StateOptions& options,
                                                         StateReport* report = nullptr) {
    absl::StatusOr<std::unique_ptr<StateCopier>> opened = StateCopier::Open(directory, options, report);
    if (!opened.ok()) return opened.status();
    return std::unique_ptr<TestState>(new TestState(*std::move(opened)));
  }
  // The daemon ends, in any way; the copier writes the missing pages.
  ~TestState() {
    if (copier != nullptr && copier->Copy(true).status.ok()) copier->RemoveMemory();
  }

  // Both are killed; the memory stays.
  void KillBoth() { copier.reset(); }
  // The machine stops.
  void LosePower() {
    copier->RemoveMemory();
    copier.reset();
  }

  // Everything is on the disk.
  StateCopier::Outcome Copy() {
    Want(++generation_);
    const StateCopier::Outcome outcome = copier->Copy(false);
    if (outcome.status.ok()) OnWritten(outcome.generation);
    return outcome;
  }
  const StateMemory& memory() const { return copier->memory(); }

 private:
  explicit TestState(std::unique_ptr<StateCopier> opened)
      : CopierOfTest{std::move(opened)}, StateRecords(copier->memory()) {}

  uint64_t generation_ = 0;
};

}  // namespace dpvrrp
