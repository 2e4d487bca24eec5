// SPDX-License-Identifier: BSD-3-Clause
//
// A keepalived.conf as plain values, with the statement that each comes from. What keepalived itself ignores or
// corrects is corrected here.
//
// Thread: any (values; they refer to the statements, which must live as long).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "keepalived/statement.h"

namespace dpvrrp::keepalived {

// A value with the statement that gives it.
template <typename T>
struct Given {
  T value{};
  const Statement* from = nullptr;  // null: the file does not say

  explicit operator bool() const { return from != nullptr; }
  const T& value_or(const T& other) const { return from != nullptr ? value : other; }
};

struct ProgramOf {
  std::string command;  // split into words as by config/command_words.h
  std::string user;     // empty: script_user
};

struct NotifyPrograms {
  Given<ProgramOf> any, master, backup, fault, stop;
};

struct TrackedBy {
  std::string name;           // of the script, process or interface
  std::optional<int> weight;  // absent: that of the script or process
  std::optional<bool> reverse;
  const Statement* from = nullptr;
};

struct TrackLists {
  std::vector<TrackedBy> scripts, processes, interfaces;
};

struct AddressOf {
  IpPrefix prefix;
  bool has_length = false;
  std::string device;  // empty: the instance's interface
  std::string label;
  std::string scope;                 // a word or a number; empty: not given
  std::vector<std::string> dropped;  // words without meaning here
  const Statement* from = nullptr;
};

struct PeerOf {
  IpAddress address;
  std::optional<int> min_ttl, max_ttl;
  const Statement* from = nullptr;
};

struct HmacKey {
  int id = 0;
  std::string text;  // the key, or hex digits after "hex:"
  std::string file;  // with the key, instead of `text`
  const Statement* from = nullptr;
};

struct InstanceOf {
  std::string name;
  const Statement* from = nullptr;
  Given<bool> master_state;  // state MASTER
  Given<std::string> interface;
  Given<int> vrid, priority, version, unicast_ttl, down_timer_adverts;
  Given<Nanoseconds> advert_int, preempt_delay;
  Given<bool> nopreempt, lower_prio_no_advert, higher_prio_send_advert, strict, use_vmac, v3_checksum_as_v2,
      track_src_ip;
  Given<bool> native_ipv6;
  Given<IpAddress> mcast_src_ip, unicast_src_ip, mcast_dst_ip;
  std::vector<PeerOf> peers;
  const Statement* peers_from = nullptr;
  const Statement* authentication = nullptr;
  Given<std::string> auth_type, auth_pass;
  const Statement* auth_hmac = nullptr;
  std::vector<HmacKey> hmac_keys;
  Given<int> active_key;
  Given<std::string> anti_replay, hmac_mode;
  Given<int> time_window;
  std::vector<AddressOf> addresses, excluded;
  std::vector<const Statement*> routes, rules;
  TrackLists tracks;
  NotifyPrograms notify;
  Given<Nanoseconds> garp_master_delay, garp_master_refresh;
};

struct ScriptOf {
  std::string name;
  const Statement* from = nullptr;
  Given<ProgramOf> program;
  Given<Nanoseconds> interval, timeout;
  Given<int> rise, fall;
  Given<int> weight;
  bool reverse = false;
  Given<std::string> user;
  Given<bool> init_fail;
};

struct ProcessOf {
  std::string name;
  const Statement* from = nullptr;
  Given<std::vector<std::string>> process;
  Given<int> weight;
  bool reverse = false;
  Given<int> quorum;
  Given<bool> full_command;
  Given<Nanoseconds> fork_delay, terminate_delay;
};

struct GroupOf {
  std::string name;
  const Statement* from = nullptr;
  std::vector<std::pair<std::string, const Statement*>> members;
  TrackLists tracks;
  NotifyPrograms notify;
  Given<bool> tracking_weight;  // sync_group_tracking_weight
};

struct DelaysOf {
  Nanoseconds down{0}, up{0};
  const Statement* from = nullptr;
  bool used = false;
};

struct GlobalsOf {
  Given<int> version, down_timer_adverts;
  Given<IpAddress> mcast_group4, mcast_group6;
  Given<std::string> default_interface, script_user, fifo;
  Given<ProgramOf> startup, shutdown;
  Given<Nanoseconds> garp_master_delay, garp_master_refresh, garp_interval, startup_delay;
  Given<bool> min_garp, lower_prio_no_advert, higher_prio_send_advert, strict, v3_checksum_as_v2;
  std::vector<const Statement*> blocks;  // global_defs
};

struct Model {
  GlobalsOf globals;
  std::vector<InstanceOf> instances;
  std::vector<ScriptOf> scripts;
  std::vector<ProcessOf> processes;
  std::vector<GroupOf> groups;
  std::map<std::string, DelaysOf> delays;  // by interface
};

}  // namespace dpvrrp::keepalived
