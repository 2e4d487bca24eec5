// SPDX-License-Identifier: BSD-3-Clause
//
// `show blocks`, `sender block`, `unblock`, `allow`, `disallow`: an operator excludes a rogue gateway.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"
#include "control/reports/reports.h"

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
      return absl::InvalidArgumentError(absl::StrCat("a sender must have a unicast address, got '", who, "'"));
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
    return absl::InvalidArgumentError(absl::StrCat(
        mac, " is a virtual MAC address, from which every master of the VRID sends: give the sender's IP address"));
  }
  sender.mac = *parsed;
  return sender;
}

absl::Status WouldTakeOver(const std::vector<std::string>& names, const IpAddress& master) {
  const std::string more = names.size() > 1 ? absl::StrCat(" and ", names.size() - 1, " more") : "";
  return absl::FailedPreconditionError(
      absl::StrCat(ToString(master), " is the master of ", names.front(), more,
                   ": without its adverts we become a second master; to do so, use --force"));
}

// The master that a backup hears; unspecified: none.
IpAddress MasterHeard(const KnownInstance* snapshot) {
  if (snapshot == nullptr) return {};
  const Machine& machine = snapshot->machine;
  return machine.state == State::kBackup && machine.knows_master() ? machine.master_address : IpAddress();
}

// The instances whose current master has the address, according to the answers of the lcores.
std::vector<std::string> MasteredBy(const CommandContext& c, const IpAddress& address) {
  std::vector<std::string> names;
  if (c.answers.questions == nullptr || address.IsUnspecified()) return names;
  for (const auto& [name, instance] : c.view.registry.instances()) {
    if (!instance.removing && MasterHeard(c.LastAnswerOf(instance).known()) == address) names.push_back(name);
  }
  return names;
}

// The senders that a block would silence: the address, or the addresses that are accepted from the MAC. Frames that
// another host sends in the name of a master are refused, so that host may be blocked.
std::vector<IpAddress> Silenced(const CommandContext& c, const BlockConfig& sender) {
  if (!sender.address.IsUnspecified()) return {sender.address};
  std::vector<IpAddress> addresses;
  if (c.answers.speakers == nullptr) return addresses;
  for (const Speaker& s : *c.answers.speakers) {
    if (s.key.mac == sender.mac && s.recent().accepted > 0) addresses.push_back(s.key.source);
  }
  return addresses;
}

std::string ListText(const std::vector<IpAddress>& senders) {
  const auto text = [](std::string* out, const IpAddress& address) { absl::StrAppend(out, ToString(address)); };
  return senders.empty() ? "every sender" : absl::StrCat("only ", absl::StrJoin(senders, ", ", text));
}

// Replaces the allow-list of the instance, and reports it.
Report SetAllowList(const CommandContext& c, const ManagedInstance& instance, std::vector<IpAddress> senders) {
  c.orders.SetAllowedSenders(instance, std::move(senders), c.t);
  return Done(absl::StrCat(c.argument(0), ": accepts ", ListText(instance.allowed_senders),
                           " until the next reload or restart"));
}

}  // namespace

Needs NeedsMasters(View& view, const CommandCall& call) {
  Needs needs;
  if (call.parsed.HasFlag("--force")) return needs;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (!instance.removing && instance.state == State::kBackup) needs.instances.push_back(&instance);
  }
  needs.watch = ParseMacAddress(call.parsed.arguments[0]).ok();
  return needs;
}

absl::StatusOr<Report> ShowBlocks(const CommandContext& c) {
  Table table{{"address", "mac", "port", "origin", "since", "frames"}, {}};
  const auto& blocks = c.view.senders.blocks();
  for (size_t place = 0; place < blocks.size(); ++place) {
    if (!blocks[place].has_value()) continue;
    const BlockConfig& sender = blocks[place]->sender;
    table.rows.push_back({sender.address.IsUnspecified() ? Null() : Text(ToString(sender.address)),
                          sender.mac == MacAddress{} ? Null() : Text(ToString(sender.mac)),
                          sender.port.empty() ? Null() : Text(sender.port),
                          Text(blocks[place]->configured ? "configuration" : "command"),
                          Text(FormatTime(blocks[place]->since_unix_ms)), Count(c.view.senders.BlockedFrames(place))});
  }
  return Only(std::move(table));
}

absl::StatusOr<Report> BlockSender(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const BlockConfig sender, ReadSender(c.call));
  for (const IpAddress& address : Silenced(c, sender)) {
    const std::vector<std::string> names = MasteredBy(c, address);
    if (!names.empty()) return WouldTakeOver(names, address);
  }
  DPVRRP_RETURN_IF_ERROR(c.orders.BlockSender(sender, c.t));
  return Done(absl::StrCat(ToString(sender),
                           ": blocked until the restart; to keep the block, add a [[block]] to the configuration"));
}

absl::StatusOr<Report> UnblockSender(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const BlockConfig sender, ReadSender(c.call));
  bool configured = false;
  std::vector<std::string> all;
  for (const std::optional<SenderBlock>& block : c.view.senders.blocks()) {
    if (!block.has_value()) continue;
    if (block->sender == sender) configured = block->configured;
    all.push_back(ToString(block->sender));
  }
  if (!c.orders.UnblockSender(sender, c.t)) {
    return absl::NotFoundError(absl::StrCat(ToString(sender), ": no block has these arguments; the blocks are: ",
                                            all.empty() ? "none" : absl::StrJoin(all, "; ")));
  }
  return Done(
      absl::StrCat(ToString(sender), ": unblocked",
                   configured ? ", until the next reload or restart, because the configuration blocks it" : ""));
}

absl::StatusOr<Report> AllowSender(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, InstanceNamed(c.view, c.argument(0)));
  const IpAddress source = instance->config.source_address;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(c.argument(1));
  if (!address.ok() || address->IsUnspecified() || address->IsMulticast() || address->family() != source.family() ||
      *address == source) {
    return absl::InvalidArgumentError(absl::StrCat("a sender is another router's address, of the family of ",
                                                   ToString(source), ", got '", c.argument(1), "'"));
  }
  if (!instance->config.unicast_peers.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(c.argument(0), " has unicast_peers, and accepts no other senders"));
  }
  std::vector<IpAddress> senders = instance->allowed_senders;
  if (std::count(senders.begin(), senders.end(), *address) != 0) {
    return absl::AlreadyExistsError(absl::StrCat(c.argument(1), " is already allowed"));
  }
  if (senders.size() >= kMaxAllowedSenders) {
    return absl::ResourceExhaustedError(absl::StrCat(c.argument(0), " accepts ", ListText(senders), ": at most ",
                                                     kMaxAllowedSenders, " are supported"));
  }
  senders.push_back(*address);
  // The first entry excludes all other senders, which may include the master.
  const IpAddress master = MasterHeard(c.LastAnswerOf(*instance).known());
  const bool excludes_master = senders.size() == 1 && !master.IsUnspecified() && master != *address;
  if (excludes_master && !c.call.parsed.HasFlag("--force")) return WouldTakeOver({c.argument(0)}, master);
  return SetAllowList(c, *instance, std::move(senders));
}

absl::StatusOr<Report> DisallowSender(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, InstanceNamed(c.view, c.argument(0)));
  std::vector<IpAddress> senders = instance->allowed_senders;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(c.argument(1));
  const auto found = address.ok() ? std::find(senders.begin(), senders.end(), *address) : senders.end();
  if (found == senders.end()) {
    return absl::NotFoundError(
        absl::StrCat(c.argument(1), " is not on the list: ", c.argument(0), " accepts ", ListText(senders)));
  }
  senders.erase(found);
  if (!c.call.parsed.HasFlag("--force")) {
    if (senders.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(c.argument(1), " is the last entry: without it ", c.argument(0),
                                                        " accepts every sender; to do so, use --force"));
    }
    if (MasterHeard(c.LastAnswerOf(*instance).known()) == *address) {
      return WouldTakeOver({c.argument(0)}, *address);
    }
  }
  return SetAllowList(c, *instance, std::move(senders));
}

}  // namespace dpvrrp::internal
