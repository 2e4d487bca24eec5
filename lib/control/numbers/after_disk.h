// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "ah/sequence_record.h"
#include "pipeline/messages/command.h"

namespace dpvrrp {

// Commands to lcores that wait until the disk has the records they depend on. No other command waits behind them.
//
// Thread: control.
class AfterDisk {
 public:
  // `command` names a router and may be sent when the disk has `generation`. With command::AllowNumbers,
  // `record` is the one that has the command's number in record.wanted; it must outlive this object.
  void Hold(const ShardCommand& command, uint64_t generation, SequenceRecord* record = nullptr);

  // Whether the beginning of a VRID move waits.
  bool HoldsMove(const VirtualRouter* router) const;

  // Drops all commands for this router, for example because it is removed.
  void Drop(const VirtualRouter* router);
  // The VRID move is aborted. Returns whether its beginning still waited; then it is dropped.
  bool DropMove(const VirtualRouter* router);

  // The commands that may be sent now, in their order. Numbers that they reserve are reserved in the records.
  std::vector<ShardCommand> Release(uint64_t generation);

 private:
  struct Entry {
    ShardCommand command;
    uint64_t generation = 0;
    SequenceRecord* record = nullptr;
  };
  std::deque<Entry> held_;  // generations do not fall
};

}  // namespace dpvrrp
