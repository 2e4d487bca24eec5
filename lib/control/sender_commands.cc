// SPDX-License-Identifier: BSD-3-Clause
//
// `show blocks`, `sender block`, `unblock`, `allow`, `disallow`: an operator shuts a rogue gateway out.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/command_context.h"
#include "control/reports.h"

namespace dpvrrp::internal {
namespace {

// SENDER [mac MAC] [port PORT], where SENDER is an IP or a MAC address.
absl::StatusOr<BlockConfig> ReadSender(const CommandCall& call) {
  const auto option = [&](const char* key) {
    const auto found = call.parsed.options.find(key);
    return found == call.parsed.options.end() ? std::string() : found->second;
  };
  const std::string& who = call.parsed.arguments[0];
  std::string mac = option("mac");
  BlockConfig sender;
  sender.port = option("port");
  if (const absl::StatusOr<IpAddress> address = ParseIpAddress(who); address.ok()) {
    if (address->IsUnspecified() || address->IsMulticast()) {
      return absl::InvalidArgumentError(absl::StrCat("a sender has a unicast address, got '", who, "'"));
    }
    sender.address = *address;
  } else if (mac.empty()) {
    mac = who;
  } else {
    return absl::InvalidArgumentError(absl::StrCat("with mac, the sender must be an IP address, got '", who, "'"));
  }
  if (mac.empty()) return sender;
  const absl::StatusOr<MacAddress> parsed = ParseMacAddress(mac);
  if (!parsed.ok() || !IsStation(*parsed)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a sender is an IP address or a station's MAC such as 02:00:0a:63:00:01, got '", mac, "'"));
  }
  if (IsVirtualMac(*parsed) && sender.address.IsUnspecified()) {
    return absl::InvalidArgumentError(
        absl::StrCat(mac, " is a virtual router's, of whoever is master: give the sender's IP address"));
  }
  sender.mac = *parsed;
  return sender;
}

absl::Status WouldTakeOver(const std::vector<std::string>& names, const IpAddress& master) {
  const std::string more = names.size() > 1 ? absl::StrCat(" and ", names.size() - 1, " more") : "";
  return absl::FailedPreconditionError(
      absl::StrCat(ToString(master), " is the master of ", names.front(), more,
                   ": not hearing it, we would take over beside it; if that is wanted: --force"));
}

// The master that a backup hears; unspecified: none.
IpAddress MasterHeard(const InstanceSnapshot* snapshot) {
  if (snapshot == nullptr) return {};
  const Machine& machine = snapshot->machine;
  return machine.state == State::kBackup && machine.knows_master() ? machine.master_address : IpAddress();
}

// Instances whose present master it is, as far as the answer goes.
std::vector<std::string> MasteredBy(const CommandContext& c, const IpAddress& address) {
  std::vector<std::string> names;
  if (c.answer == nullptr || address.IsUnspecified()) return names;
  for (const InstanceSnapshot& snapshot : c.answer->found) {
    if (MasterHeard(&snapshot) != address) continue;
    const auto& instances = c.controller.instances();
    const auto is_it = [&](const auto& named) { return named.second.id == snapshot.id; };
    const auto found = std::find_if(instances.begin(), instances.end(), is_it);
    if (found != instances.end()) names.push_back(found->first);
  }
  return names;
}

// Whom a block would silence: the address, or those that are heard from the MAC. What somebody else sends in the name
// of a master is refused, and may be blocked.
std::vector<IpAddress> Silenced(const CommandContext& c, const BlockConfig& sender) {
  if (!sender.address.IsUnspecified()) return {sender.address};
  std::vector<IpAddress> addresses;
  if (c.speakers == nullptr) return addresses;
  for (const Speaker& s : *c.speakers) {
    if (s.key.mac == sender.mac && s.recent().accepted > 0) addresses.push_back(s.key.source);
  }
  return addresses;
}

std::string ListText(const std::vector<IpAddress>& senders) {
  const auto text = [](std::string* out, const IpAddress& address) { absl::StrAppend(out, ToString(address)); };
  return senders.empty() ? "everybody" : absl::StrCat("only ", absl::StrJoin(senders, ", ", text));
}

// What a change of the list says, once it is made.
Report Listens(const CommandContext& c, ManagedInstance& instance, std::vector<IpAddress> senders) {
  c.controller.SetAllowedSenders(instance, std::move(senders), c.t);
  return Done(absl::StrCat(c.argument(0), ": listens to ", ListText(instance.allowed_senders),
                           " until the next reload or restart"));
}

}  // namespace

absl::StatusOr<Report> ShowBlocks(const CommandContext& c) {
  Table table{{"address", "mac", "port", "origin", "since", "frames"}, {}};
  const auto& blocks = c.controller.blocks();
  for (size_t place = 0; place < blocks.size(); ++place) {
    if (!blocks[place].has_value()) continue;
    const BlockConfig& sender = blocks[place]->sender;
    table.rows.push_back({sender.address.IsUnspecified() ? Null() : Text(ToString(sender.address)),
                          sender.mac == MacAddress{} ? Null() : Text(ToString(sender.mac)),
                          sender.port.empty() ? Null() : Text(sender.port),
                          Text(blocks[place]->configured ? "configuration" : "command"),
                          Text(FormatTime(blocks[place]->since_unix_ms)), Count(c.controller.BlockedFrames(place))});
  }
  return Report{{Section{"", std::move(table)}}, ""};
}

absl::StatusOr<Report> BlockSender(const CommandContext& c) {
  const absl::StatusOr<BlockConfig> sender = ReadSender(c.call);
  if (!sender.ok()) return sender.status();
  for (const IpAddress& address : Silenced(c, *sender)) {
    const std::vector<std::string> names = MasteredBy(c, address);
    if (!names.empty()) return WouldTakeOver(names, address);
  }
  const absl::Status status = c.controller.Block(*sender, false, c.t);
  if (!status.ok()) return status;
  return Done(absl::StrCat(ToString(*sender),
                           ": blocked until the restart; to keep it so, write a [[block]] into the configuration"));
}

absl::StatusOr<Report> UnblockSender(const CommandContext& c) {
  const absl::StatusOr<BlockConfig> sender = ReadSender(c.call);
  if (!sender.ok()) return sender.status();
  bool configured = false;
  std::vector<std::string> all;
  for (const std::optional<SenderBlock>& block : c.controller.blocks()) {
    if (!block.has_value()) continue;
    if (block->sender == *sender) configured = block->configured;
    all.push_back(ToString(block->sender));
  }
  if (!c.controller.Unblock(*sender, c.t)) {
    return absl::NotFoundError(absl::StrCat(ToString(*sender), ": is not blocked in these words; what is: ",
                                            all.empty() ? "nobody" : absl::StrJoin(all, "; ")));
  }
  return Done(absl::StrCat(ToString(*sender), ": heard again",
                           configured ? " until the next reload or restart, since the configuration blocks it" : ""));
}

absl::StatusOr<Report> AllowSender(const CommandContext& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  const IpAddress source = (*instance)->config.source_address;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(c.argument(1));
  if (!address.ok() || address->IsUnspecified() || address->IsMulticast() || address->family() != source.family() ||
      *address == source) {
    return absl::InvalidArgumentError(absl::StrCat("a sender is another router's address, of the family of ",
                                                   ToString(source), ", got '", c.argument(1), "'"));
  }
  if (!(*instance)->config.unicast_peers.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(c.argument(0), " has unicast_peers, and listens only to them"));
  }
  std::vector<IpAddress> senders = (*instance)->allowed_senders;
  if (std::count(senders.begin(), senders.end(), *address) != 0) {
    return absl::AlreadyExistsError(absl::StrCat(c.argument(1), " is allowed already"));
  }
  if (senders.size() >= kMaxAllowedSenders) {
    return absl::ResourceExhaustedError(absl::StrCat(c.argument(0), " listens to ", ListText(senders), ": at most ",
                                                     kMaxAllowedSenders, " are supported"));
  }
  senders.push_back(*address);
  // The first one shuts all others out, the master perhaps.
  const IpAddress master = MasterHeard(FindSnapshot(c.answer, (*instance)->id));
  const bool shuts_out = senders.size() == 1 && !master.IsUnspecified() && master != *address;
  if (shuts_out && !c.call.parsed.HasFlag("--force")) return WouldTakeOver({c.argument(0)}, master);
  return Listens(c, **instance, std::move(senders));
}

absl::StatusOr<Report> DisallowSender(const CommandContext& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  std::vector<IpAddress> senders = (*instance)->allowed_senders;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(c.argument(1));
  const auto found = address.ok() ? std::find(senders.begin(), senders.end(), *address) : senders.end();
  if (found == senders.end()) {
    return absl::NotFoundError(
        absl::StrCat(c.argument(1), " is not on the list: ", c.argument(0), " listens to ", ListText(senders)));
  }
  senders.erase(found);
  if (!c.call.parsed.HasFlag("--force")) {
    if (senders.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(c.argument(1), " is the last one: without it ", c.argument(0),
                                                        " listens to everybody; if that is wanted: --force"));
    }
    if (MasterHeard(FindSnapshot(c.answer, (*instance)->id)) == *address) {
      return WouldTakeOver({c.argument(0)}, *address);
    }
  }
  return Listens(c, **instance, std::move(senders));
}

}  // namespace dpvrrp::internal
