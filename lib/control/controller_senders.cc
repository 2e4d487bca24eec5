// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: whom no instance listens to, and whom alone one does.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "control/controller.h"
#include "control/router_builder.h"

namespace dpvrrp {

uint64_t Controller::BlockedFrames(size_t place) const {
  uint64_t frames = 0;
  for (const ShardCounters* shard : shards_) frames += shard->blocked[place].value();
  return frames - (blocks_[place].has_value() ? blocks_[place]->counted_before : 0);
}

absl::Status Controller::Block(const BlockConfig& sender, bool configured, ControlTime t) {
  const std::string text = ToString(sender);
  for (const InstanceConfig& instance : config_.instances) {
    if (instance.source_address == sender.address) {
      return absl::InvalidArgumentError(absl::StrCat(text, ": is our own, source_address of instance ", instance.name));
    }
  }
  const auto port = std::find_if(ports_.begin(), ports_.end(), [&](const auto& p) { return p.name == sender.port; });
  if (!sender.port.empty() && port == ports_.end()) {
    return absl::NotFoundError(absl::StrCat("no port named '", sender.port, "'"));
  }
  for (const PortBinding& own : ports_) {
    if (sender.mac != MacAddress{} && own.mac == sender.mac) {
      return absl::InvalidArgumentError(absl::StrCat(text, ": is our own, of port ", own.name));
    }
  }
  for (const std::optional<SenderBlock>& block : blocks_) {
    if (block.has_value() && block->sender == sender) {
      return absl::AlreadyExistsError(absl::StrCat(text, ": is blocked already"));
    }
  }
  const auto place = std::find_if(blocks_.begin(), blocks_.end(), [](const auto& b) { return !b.has_value(); });
  if (place == blocks_.end()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(text, ": there are ", kMaxBlockedSenders, " blocks already, no more are supported"));
  }
  ShardCommand command;
  command.kind = ShardCommand::Kind::kBlock;
  command.first = static_cast<uint16_t>(place - blocks_.begin());
  command.blocked.address = sender.address;
  command.blocked.mac = sender.mac;
  if (!sender.port.empty()) command.blocked.port = port->id;
  outbox_.shard.push_back(command);
  *place = SenderBlock{sender, configured, t.unix_ms, BlockedFrames(command.first)};
  Log(Severity::kNotice, nullptr, "sender",
      absl::StrCat("blocked ", text, configured ? ", by the configuration" : ", by command, until the restart"),
      t.unix_ms);
  return absl::OkStatus();
}

bool Controller::Unblock(const BlockConfig& sender, ControlTime t) {
  const auto block =
      std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& b) { return b.has_value() && b->sender == sender; });
  if (block == blocks_.end()) return false;
  ShardCommand command;
  command.kind = ShardCommand::Kind::kUnblock;
  command.first = static_cast<uint16_t>(block - blocks_.begin());
  outbox_.shard.push_back(command);
  Log(Severity::kNotice, nullptr, "sender",
      absl::StrCat("unblocked ", ToString(sender), "; ", BlockedFrames(command.first), " frames were dropped"),
      t.unix_ms);
  block->reset();
  return true;
}

// The file's blocks hold, and those by command stay beside them.
std::vector<std::string> Controller::FollowBlocks(ControlTime t) {
  std::vector<BlockConfig> no_longer;
  for (std::optional<SenderBlock>& block : blocks_) {
    if (!block.has_value()) continue;
    const bool wanted = std::find(config_.blocks.begin(), config_.blocks.end(), block->sender) != config_.blocks.end();
    if (block->configured && !wanted) no_longer.push_back(block->sender);
    block->configured = wanted;
  }
  for (const BlockConfig& sender : no_longer) Unblock(sender, t);
  std::vector<std::string> faults;
  for (const BlockConfig& sender : config_.blocks) {
    const absl::Status status = Block(sender, true, t);
    if (status.ok() || absl::IsAlreadyExists(status)) continue;
    faults.emplace_back(status.message());
    Log(Severity::kError, nullptr, "sender", absl::StrCat("not blocked: ", status.message()), t.unix_ms);
  }
  return faults;
}

void Controller::SetAllowedSenders(ManagedInstance& instance, std::vector<IpAddress> senders, ControlTime t) {
  const auto text = [](std::string* out, const IpAddress& address) { absl::StrAppend(out, ToString(address)); };
  Log(Severity::kNotice, &instance.config, "sender",
      senders.empty() ? "listens to everybody" : absl::StrCat("listens only to ", absl::StrJoin(senders, ", ", text)),
      t.unix_ms);
  ShardCommand command;
  command.kind = ShardCommand::Kind::kAllowSenders;
  command.router = instance.router;
  command.allowed = AllowedSendersOf(senders);
  outbox_.shard.push_back(command);
  instance.allowed_senders = std::move(senders);
}

}  // namespace dpvrrp
