// SPDX-License-Identifier: BSD-3-Clause
//
// The sequence numbers of the instances: the record of each one, reservations ahead of the lcores, and the commands
// that wait until the disk has the records (ah/continuity.h explains the reasons).
//
// Thread: control.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "ah/sequence_record.h"
#include "control/instances/registry.h"
#include "control/numbers/after_disk.h"
#include "control/part.h"

namespace dpvrrp {

class Numbers final : public Part {
 public:
  // The record of an instance with one configuration.
  struct Acquired {
    SequenceRecord* record = nullptr;  // null: the configuration needs none
    int64_t numbers_of = 0;            // AH: when the record was written, in seconds since 1970; 0: not known
  };

  // The numbers of the VRID to which an instance moves, for the lcore.
  struct Next {
    uint64_t sequence = 0;                  // AH numbers go on above it
    const SequenceRecord* heard = nullptr;  // what was heard there before; null: nothing
    SequenceRecord* record = nullptr;       // with AH only
  };

  explicit Numbers(const PartContext& context) : context_(context) {}

  // ---- Instances ----

  // Call this when a configuration comes into force. Instances with a GMAC key that begin after it begin above all
  // numbers that were sent before it.
  void OnConfiguration();
  // The record for this configuration, made ready for an lcore.
  absl::StatusOr<Acquired> Acquire(const InstanceConfig& config, ControlTime t);
  // The instance uses the record from now on. Returns whether it used another one before; then commands that wait for
  // the disk with the former record are dropped.
  bool Assign(const ManagedInstance& instance, const Acquired& acquired);
  // The lcore has been sent a configuration with the instance's record.
  void OnRouterSent(InstanceId id);
  // Reserves what Acquire() asked for. Call it after the lcore has been sent the router.
  void SendPending(const ManagedInstance& instance);
  // Reserves numbers above all that were sent, and returns the highest of those.
  uint64_t GoAboveAll(const ManagedInstance& instance);
  // Commands for the instance's router that wait for the disk are dropped.
  void DropWaiting(const ManagedInstance& instance);
  void OnRetired(const ManagedInstance& instance, ControlTime t);
  void Clear();

  SequenceRecord* RecordOf(InstanceId id) const;  // null: it has none
  bool IsWithLcore(InstanceId id) const;          // the lcore's last configuration has this record
  int64_t NumbersOf(InstanceId id) const;         // as Acquired::numbers_of

  // ---- From the lcores and the disk ----

  void OnNumbersWanted(const ManagedInstance& instance, uint64_t wanted);
  void OnNumbersLow(const ManagedInstance& instance, uint64_t left, int64_t unix_ms);
  // The disk has the records of this generation, or has refused them.
  void OnRecordsWritten(uint64_t generation);
  // Reserves numbers for all instances.
  void Reserve(ControlTime t);

  // ---- A move to another VRID ----

  absl::StatusOr<Next> PrepareNext(const ManagedInstance& instance, Vrid vrid);
  // `speak` is the command that begins the move. With AH it waits for the disk, because numbers that are used under
  // the next VRID must be recorded as that VRID's.
  void BeginNext(const ManagedInstance& instance, Vrid vrid, const Next& next, const command::SpeakNextVrid& speak,
                 ControlTime t);
  // False: the command that begins the move still waits for the disk.
  bool HasBegunNext(const ManagedInstance& instance) const;
  // The move is aborted. Returns whether the lcore has not begun it, so that no command is needed.
  bool CancelNext(const ManagedInstance& instance);
  // The instance's configuration has the next VRID now. Its record is kept under that VRID from now on.
  void AdoptNext(const ManagedInstance& instance, Vrid left, ControlTime t);
  // The VRID keeps the instance's numbers, also if another instance gets the VRID: no number may be used twice with a
  // key, and no old advert may be accepted as new.
  void KeepFor(const ManagedInstance& instance, Vrid vrid, bool while_moving, ControlTime t);

  // ---- Part ----

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return look_at_; }
  void Forget(InstanceId id) override { entries_.erase(id); }

 private:
  struct Entry {
    Acquired acquired;
    const SequenceRecord* of_lcore = nullptr;  // in the configuration that was sent last
    SequenceRecord* next = nullptr;            // with AH, during a move: of the next VRID
    // Copies for the lcore, one for each move that was prepared. The lcore reads them until the router is back.
    std::vector<std::unique_ptr<const SequenceRecord>> heard;
  };

  void Resume(const InstanceConfig& config, SequenceRecord& record, ControlTime t);
  void SendReserved(const ManagedInstance& instance, const Entry& entry);
  uint64_t AboveAllSent() const;
  uint64_t WriteRecords();  // returns the generation
  void SendAfterDisk(const ShardCommand& command, SequenceRecord* record = nullptr);

  PartContext context_;
  absl::flat_hash_map<InstanceId, Entry> entries_;
  AfterDisk after_disk_;
  uint64_t generation_ = 0;      // the last that was asked for
  uint64_t above_all_sent_ = 0;  // when the configuration came into force
  Instant look_at_ = kNever;
};

}  // namespace dpvrrp
