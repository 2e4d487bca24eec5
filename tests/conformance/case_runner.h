// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "conformance/case_file.h"
#include "support/test_shard.h"

namespace dpvrrp {

// Plays one case against a shard. Besides the case's expectations it checks the rules for every frame: a refused frame
// changes nothing, and an independent verifier accepts each AH advert that we send.
class CaseRunner {
 public:
  explicit CaseRunner(const Case& wanted) : case_(wanted) {}

  // The first step that was not met, with its line; ok: all were.
  absl::Status Run();

 private:
  struct Instance {
    Words words;
    std::unique_ptr<SequenceRecord> record;  // outlives a restart
    VirtualRouter* router = nullptr;         // null once removed
  };

  absl::Status Start(Instant at);
  absl::Status Play(const CaseStep& step);
  absl::Status Receive(const CaseStep& step);
  absl::Status ReceiveFrame(const Bytes& frame, PortId port, const std::string& wanted);
  absl::Status ReceiveCapture(const CaseStep& step);
  absl::Status Send(const CaseStep& step);
  absl::Status CompareAdvert(const CaseStep& step, const Bytes& frame) const;
  absl::Status VerifyIcv(const Bytes& frame) const;
  absl::Status Do(const CaseStep& step);
  static absl::Status SetNeighbour(const CaseStep& step, VirtualRouter& router);
  absl::Status CheckState(const CaseStep& step);
  absl::Status CheckCount(const CaseStep& step) const;
  void RunTo(Instant at);
  absl::Status NothingElseWasSent() const;
  Instance* Find(const CaseStep& step, size_t word);

  const Case& case_;
  std::map<std::string, Instance> instances_;
  std::string first_;                 // the instance meant when none is named
  std::unique_ptr<TestShard> shard_;  // destroyed before the records its routers write to
  std::deque<Sent> sent_;
  std::optional<Nanoseconds> utc_;  // less the shard's own time
};

}  // namespace dpvrrp
