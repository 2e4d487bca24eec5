// SPDX-License-Identifier: BSD-3-Clause
#include "config/tracking_change.h"

#include "config/comparison.h"

namespace dpvrrp {
namespace {

using config_internal::Comparison;

std::string AddressText(const std::optional<IpAddress>& address) { return address ? ToString(*address) : ""; }
std::string StateText(bool must_be_master) { return must_be_master ? "master" : "running"; }

}  // namespace

std::vector<std::string> DifferencesOf(const ScriptsConfig& running, const ScriptsConfig& wanted) {
  std::vector<std::string> what;
  Comparison compare(what);
  compare.Setting("user", running.user, wanted.user);
  compare.Setting("timeout", running.timeout, wanted.timeout);
  compare.Setting("fifo", running.fifo, wanted.fifo);
  compare.Program("start", running.start, wanted.start);
  compare.Program("stop", running.stop, wanted.stop);
  return what;
}

std::vector<std::string> DifferencesOf(const TrackConfig& running, const TrackConfig& wanted) {
  std::vector<std::string> what;
  Comparison compare(what);
  compare.Setting("kind", running.kind, wanted.kind);
  compare.Program("command", running.command, wanted.command);
  compare.Setting("interval", running.interval, wanted.interval);
  compare.Setting("timeout", running.timeout, wanted.timeout);
  compare.Setting("rise", running.rise, wanted.rise);
  compare.Setting("fall", running.fall, wanted.fall);
  compare.Setting("user", running.user, wanted.user);
  compare.Setting("initial", running.initial, wanted.initial);
  compare.Setting("interface", running.interface, wanted.interface);
  compare.Setting("address", AddressText(running.address), AddressText(wanted.address));
  compare.Setting("port", running.port, wanted.port);
  compare.Setting("instance", running.instance, wanted.instance);
  compare.Setting("state", StateText(running.must_be_master), StateText(wanted.must_be_master));
  compare.Setting("up_delay", running.up_delay, wanted.up_delay);
  compare.Setting("down_delay", running.down_delay, wanted.down_delay);
  return what;
}

std::vector<std::string> DifferencesOf(const GroupConfig& running, const GroupConfig& wanted) {
  std::vector<std::string> what;
  Comparison compare(what);
  compare.Setting("kind", running.kind, wanted.kind);
  compare.Setting("leader", running.leader, wanted.leader);
  compare.Names("members", running.members, wanted.members);
  compare.List("track", running.tracks, wanted.tracks);
  compare.Programs(running.notify.get(), wanted.notify.get());
  return what;
}

}  // namespace dpvrrp
