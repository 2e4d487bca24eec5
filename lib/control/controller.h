// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "config/diff.h"
#include "config/model.h"
#include "control/announcer.h"
#include "control/control_time.h"
#include "control/diagnose.h"
#include "control/event_log.h"
#include "control/keyrings.h"
#include "control/outbox.h"
#include "control/services.h"
#include "control/vip_reconciler.h"
#include "pipeline/messages.h"
#include "pipeline/shard.h"

namespace dpvrrp {

struct Answers;  // control/commands.h

// A port that was started for a `[[port]]` of the configuration.
struct PortBinding {
  std::string name;
  PortId id;
  MacAddress mac;
  std::vector<size_t> workers = {0};  // those that serve it; SegmentOwner() says whose a segment is
};

// One instance as control knows it. The lcore owns the truth; this follows by its events.
struct ManagedInstance {
  InstanceConfig config;
  InstanceId id;
  PortId port;
  VirtualRouter* router = nullptr;   // a handle: only `counters`, port and tags may be read
  SequenceRecord* record = nullptr;  // AH, auth-hmac: control's words of it (ah/sequence_record.h)
  // Of the VRIDs that it has begun to move to, as they were then; the lcore reads them.
  std::vector<std::unique_ptr<const SequenceRecord>> former_records;
  SequenceRecord* next_record = nullptr;  // AH, while it is moving to another VRID: of that one
  Priority priority;                      // running: `set instance NAME priority` may differ from the file
  State state = State::kInitialize;
  Reason reason = Reason::kNone;
  int64_t since_unix_ms = 0;
  Instant since{};
  // Who last said that he has an address of ours while we were master, and when; at 0: nobody.
  Instant conflict_at{};
  IpAddress conflict_address;
  MacAddress conflict_mac;
  std::vector<IpAddress> allowed_senders;  // running: `sender allow` may differ from the file
  Vrid next_vrid{0};                       // not 0: it is moving there
  Vrid left_vrid{0};                       // where it has come from, in this run
  // With a virtual MAC, a device of the kernel's for each VIP that has one, likewise acquired: while it moves, where
  // they will be; for a while after it, where they were.
  std::vector<std::string> next_devices;
  std::vector<std::string> left_devices;
  MacAddress left_mac{};             // not zero: hosts may still look for it there
  Instant forget_left = kNever;      // then not any more
  const KeySet* keys = nullptr;      // sent last, the lcore's; only `use` changes in it
  bool keys_under_way = false;       // until the ones they replace are back
  bool keys_outdated = false;        // they are to be followed by others then
  bool removing = false;             // told to leave; gone when the lcore hands it back
  std::vector<std::string> devices;  // acquired from Services
};

// A sender that no instance listens to.
struct SenderBlock {
  BlockConfig sender;
  bool configured = false;  // in the file; else by command, until the daemon's restart
  int64_t since_unix_ms = 0;
  uint64_t counted_before = 0;  // frames of whoever had its place earlier
};

bool UsesRing(const ManagedInstance& instance, const std::string& name);

// The control thread's mind: brings configuration, lcores, kernel addresses and operators together. Pure: inputs are
// the calls below, output is the outbox (and Services, for what must be answered at once).
//
// Thread: control.
class Controller {
 public:
  Controller(Services& services, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards,
             std::string icv_engine, ControlTime start);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Starts every instance of `config` and clears away the addresses that a crashed run left. An instance that cannot be
  // set up (no such device, no room for its sequence numbers) is an error, and nothing is started or left behind.
  absl::Status Start(Config config, ControlTime t);
  // Takes what differs into force; also tries again what could not be set up before. On errors in the file nothing
  // changes. The text says what was done, or why not; FailedPrecondition also if an instance could not be set up.
  absl::StatusOr<std::string> Reload(ControlTime t);
  // Every master resigns, every VIP is removed. Done when Finished().
  void Shutdown(ControlTime t);
  bool Finished() const;

  void OnShardEvent(const ShardEvent& event, ControlTime t);
  void OnHostReply(const HostReply& reply, ControlTime t);
  void OnHostEvent(const HostEvent& event, ControlTime t);
  void OnPortLink(PortId port, bool up, ControlTime t);
  // One line from a requester; the answer comes through the outbox, at once or when the lcore has answered.
  void OnCommand(RequesterId from, const std::string& line, ControlTime t);
  void OnRequesterGone(RequesterId requester);
  void OnTime(ControlTime t);
  // Tells the lcores UTC if they do not have it right. Call every second or so, and when the wall clock was set.
  void OnClock(ControlTime t);
  Instant NextDeadline() const;

  Outbox& outbox() { return outbox_; }

  // For the commands.
  const std::map<std::string, ManagedInstance>& instances() const { return instances_; }
  ManagedInstance* FindInstance(const std::string& name);
  const VipReconciler& vips() const { return vips_; }
  const Keyrings& keyrings() const { return keyrings_; }
  const EventLog& events() const { return events_; }
  const std::vector<const ShardCounters*>& shards() const { return shards_; }
  const std::string& icv_engine() const { return icv_engine_; }
  const std::vector<PortBinding>& ports() const { return ports_; }
  Services& services() { return services_; }
  ControlTime started() const { return started_; }
  uint64_t transitions() const { return transitions_; }                           // of all instances in this run
  void SetPriority(ManagedInstance& instance, Priority priority, ControlTime t);  // 1..254
  void Resign(ManagedInstance& instance, ControlTime t);
  void Takeover(ManagedInstance& instance, ControlTime t);
  // What is wrong, by what these speakers were seen to do.
  std::vector<Finding> Findings(std::vector<Speaker> speakers, Instant now) const;
  // FailedPrecondition, AlreadyExists: it cannot move there, and nothing has changed.
  absl::Status MigrateVrid(ManagedInstance& instance, Vrid vrid, ControlTime t);
  void FinishVrid(ManagedInstance& instance, ControlTime t);  // which is moving
  void AbortVrid(ManagedInstance& instance, ControlTime t);   // likewise
  // How long the virtual MAC of a VRID that was left is still received: until its hosts have learned the new one.
  static constexpr Nanoseconds kFormerMacStays = std::chrono::seconds(10);
  // A ring in place of the one of its name. Returns how many instances got its keys.
  size_t ChangeRing(KeyringConfig ring, absl::string_view what, ControlTime t);
  absl::Status FitsUsers(const std::string& name, const SecretBytes& secret) const;  // of the ring: its length; GMAC
  // By place, as the lcores have them.
  const std::array<std::optional<SenderBlock>, kMaxBlockedSenders>& blocks() const { return blocks_; }
  uint64_t BlockedFrames(size_t place) const;  // since it was blocked
  // InvalidArgument, NotFound, AlreadyExists, ResourceExhausted: it cannot be blocked, and nothing has changed.
  absl::Status Block(const BlockConfig& sender, bool configured, ControlTime t);
  bool Unblock(const BlockConfig& sender, ControlTime t);  // false: it was not blocked
  // At most kMaxAllowedSenders, none of them a fault.
  void SetAllowedSenders(ManagedInstance& instance, std::vector<IpAddress> senders, ControlTime t);

 private:
  static constexpr Nanoseconds kAnswerTimeout = std::chrono::seconds(2);
  // A command that waits for the lcores' answers. They are asked one after the other, and for a few instances at a
  // time: an instance may go in between, and adverts must not wait for a long answer.
  struct Waiting {
    RequesterId from;
    std::string line;
    bool for_ourselves = false;                         // nobody asked: we look if something is wrong
    std::vector<std::pair<size_t, InstanceId>> to_ask;  // by worker; from the back
    std::unique_ptr<InstanceQuery> query;               // lent to the lcore until it answers
    InstanceQuery answer{{}};                           // what has come so far
    // Slices of the workers' watches: worker, first place; from the back.
    std::vector<std::pair<size_t, size_t>> to_watch;
    std::unique_ptr<WatchQuery> watch;  // likewise
    std::vector<Speaker> speakers;
    Instant give_up_at = kNever;
    bool given_up = false;  // the requester has been told; the query is still out
  };

  absl::Status Add(InstanceConfig config, ControlTime t);
  absl::Status AddIfFree(const std::string& name, ControlTime t);
  void Remove(ManagedInstance& instance);
  void ForgetIfLeft(InstanceId id, ControlTime t);
  void FillPlace(const std::string& place, ControlTime t);
  void Abandon();
  void OnTransition(const ShardEvent& event, ControlTime t);
  void OnRejected(const ShardEvent& event, ControlTime t);
  void OnRemarked(const ShardEvent& event, ControlTime t);
  bool MayNotice(ControlTime t);  // something about a frame; false: it is one too many, and is counted
  void TellOfLeftOut(ControlTime t);
  void OnNumbersLow(const ShardEvent& event, ControlTime t);
  void OnNumbersWanted(const ShardEvent& event);
  void ResumeNumbers(const InstanceConfig& config, SequenceRecord& record, ControlTime t);
  uint64_t AboveAllSent() const;
  void ReserveNumbers(ControlTime t);
  void ReserveNumbers(ManagedInstance& instance, uint64_t reached);
  void SendReserved(ManagedInstance& instance);
  void OnConflict(const ShardEvent& event, ControlTime t);
  void OnRetired(const ShardEvent& event, ControlTime t);
  void OnAnswered(const ShardEvent& event, ControlTime t);
  void OnWatched(const ShardEvent& event, ControlTime t);
  void GoOnOrFinish(std::vector<Waiting>::iterator waiting, ControlTime t);
  bool AskNext(Waiting& waiting, ControlTime t);       // false: nobody is left to be asked
  bool AskWatchNext(Waiting& waiting, ControlTime t);  // likewise
  void SendQuestion(Waiting& waiting, ControlTime t);
  std::vector<std::pair<size_t, size_t>> EverySlice() const;
  void LookSoon(ControlTime t);
  void Look(ControlTime t);
  void TellOf(std::vector<Finding> findings, ControlTime t);
  size_t WorkerOf(const VirtualRouter& router) const;
  void Resync(ControlTime t);
  std::vector<std::string> FollowBlocks(ControlTime t);  // brings config_'s into force; why some are not
  absl::Status CheckMoves(const Config& wanted);
  // Those that `wanted` has where they are moving to are there now. Whether there are any.
  bool FinishMoves(const Config& wanted, ControlTime t);
  // One for each of its VIPs that has a device; or none is acquired.
  absl::StatusOr<std::vector<std::string>> AcquireDevices(const InstanceConfig& config, Vrid vrid);
  void ReleaseDevices(std::vector<std::string>& devices);
  void ReleaseDevices(ManagedInstance& instance);  // all that it has
  const ManagedInstance* OtherOnVirtualMac(const ManagedInstance& instance, Vrid vrid) const;
  void ChangeMac(ManagedInstance& instance, ControlTime t);
  void ForgetLeft(ManagedInstance& instance);
  void BeginToAnnounce(const ManagedInstance& instance, ControlTime t);
  void KeepNumbersFor(const ManagedInstance& instance, Vrid vrid, bool while_moving, ControlTime t);
  void UseKeys(ManagedInstance& instance, Keyrings::Ring ring, ControlTime t);
  void OnKeysReplaced(const ShardEvent& event, ControlTime t);
  size_t RekeyUsers(const std::string& name, ControlTime t);  // returns how many
  void LookAtKeys(ControlTime t);
  void Settle(ControlTime t);  // moves what the reconciler and the announcer have to say into the outbox
  // `instance` null: about the daemon.
  void Log(Severity severity, const InstanceConfig* instance, absl::string_view kind, std::string text,
           int64_t unix_ms);
  void Send(ShardCommand::Kind kind, const ManagedInstance& instance, Priority priority = Priority{});
  void RunCommand(RequesterId from, const std::string& line, const Answers& answers, ControlTime t);
  ManagedInstance* FindById(InstanceId id);

  Services& services_;
  std::vector<PortBinding> ports_;
  std::vector<const ShardCounters*> shards_;
  std::string icv_engine_;
  ControlTime started_;
  Config config_;  // in force

  std::map<std::string, ManagedInstance> instances_;
  absl::flat_hash_map<InstanceId, ManagedInstance*> by_id_;
  absl::flat_hash_set<std::string> places_;  // taken, by SequenceKey()
  // Waiting for a predecessor of the same name or in the same place to go. Thousands may be replaced at once, so each
  // one that goes must find its successor without a search.
  absl::flat_hash_map<std::string, InstanceConfig> to_add_;        // by name
  absl::flat_hash_map<std::string, std::string> to_add_in_place_;  // SequenceKey() -> name
  uint32_t next_id_ = 1;
  uint64_t transitions_ = 0;
  std::array<std::optional<SenderBlock>, kMaxBlockedSenders> blocks_;
  bool shutting_down_ = false;
  Instant resync_at_ = kNever;
  std::deque<std::pair<Instant, InstanceId>> to_forget_left_;  // in the order of time
  std::optional<Nanoseconds> utc_offset_;                      // as the lcores have it
  Keyrings keyrings_;
  Instant look_at_keys_at_ = kNever;
  Instant look_at_numbers_at_ = kNever;
  uint64_t above_all_sent_ = 0;  // as the configuration came into force

  VipReconciler vips_;
  Announcer announcer_;
  // What has been told of and is not over: what, where, who; and the instance.
  using Trouble = std::tuple<Verdict, PortId, VlanStack, Vrid, std::array<uint8_t, 6>, IpAddress>;
  static Trouble TroubleOf(const Finding& finding);
  std::map<Trouble, std::string> troubles_;
  Instant look_at_ = kNever;
  Instant told_since_{};  // since then, so many of those who have not proved to have the key
  size_t told_ = 0;

  size_t notices_ = 0;
  size_t notices_left_out_ = 0;
  Instant notices_since_{};
  EventLog events_;
  std::map<RequesterId, bool> followers_;  // of the event log; true: as JSON
  std::vector<Waiting> waiting_;
  Outbox outbox_;
};

}  // namespace dpvrrp
