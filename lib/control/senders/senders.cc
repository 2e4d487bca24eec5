// SPDX-License-Identifier: BSD-3-Clause
#include "control/senders/senders.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/outbox.h"

namespace dpvrrp {

uint64_t Senders::BlockedFrames(size_t place) const {
  uint64_t frames = 0;
  for (const ShardCounters* shard : shards_) frames += shard->blocked[place].value();
  return frames - (blocks_[place].has_value() ? blocks_[place]->counted_before : 0);
}

absl::Status Senders::Block(const BlockConfig& sender, bool configured, ControlTime t) {
  const std::string text = ToString(sender);
  for (const InstanceConfig& instance : context_.registry.config().instances) {
    if (instance.source_address == sender.address) {
      return absl::InvalidArgumentError(
          absl::StrCat(text, " is our own address, the source_address of instance ", instance.name));
    }
  }
  const auto port = std::find_if(context_.registry.ports().begin(), context_.registry.ports().end(),
                                 [&](const auto& p) { return p.name == sender.port; });
  if (!sender.port.empty() && port == context_.registry.ports().end()) {
    return absl::NotFoundError(absl::StrCat("no port named '", sender.port, "'"));
  }
  for (const PortBinding& own : context_.registry.ports()) {
    if (sender.mac != MacAddress{} && own.mac == sender.mac) {
      return absl::InvalidArgumentError(absl::StrCat(text, " is our own address, that of port ", own.name));
    }
  }
  for (const std::optional<SenderBlock>& block : blocks_) {
    if (block.has_value() && block->sender == sender) {
      return absl::AlreadyExistsError(absl::StrCat(text, " is already blocked"));
    }
  }
  const auto place = std::find_if(blocks_.begin(), blocks_.end(), [](const auto& b) { return !b.has_value(); });
  if (place == blocks_.end()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(text, ": there are already ", kMaxBlockedSenders, " blocks, the maximum"));
  }
  command::Block block{.place = static_cast<uint16_t>(place - blocks_.begin()), .sender = {}};
  block.sender.address = sender.address;
  block.sender.mac = sender.mac;
  if (!sender.port.empty()) block.sender.port = port->id;
  context_.outbox.shard.push_back(block);
  *place = SenderBlock{sender, configured, t.unix_ms, BlockedFrames(block.place)};
  context_.journal.Record(occurrence::SenderBlocked{text, configured}, t.unix_ms);
  return absl::OkStatus();
}

bool Senders::Unblock(const BlockConfig& sender, ControlTime t) {
  const auto block =
      std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& b) { return b.has_value() && b->sender == sender; });
  if (block == blocks_.end()) return false;
  const auto place = static_cast<uint16_t>(block - blocks_.begin());
  context_.outbox.shard.push_back(command::Unblock{place});
  context_.journal.Record(occurrence::SenderUnblocked{ToString(sender), BlockedFrames(place)}, t.unix_ms);
  block->reset();
  return true;
}

std::vector<std::string> Senders::OnConfiguration(ControlTime t) {
  std::vector<BlockConfig> no_longer;
  for (std::optional<SenderBlock>& block : blocks_) {
    if (!block.has_value()) continue;
    const bool wanted = std::find(context_.registry.config().blocks.begin(), context_.registry.config().blocks.end(),
                                  block->sender) != context_.registry.config().blocks.end();
    if (block->configured && !wanted) no_longer.push_back(block->sender);
    block->configured = wanted;
  }
  for (const BlockConfig& sender : no_longer) Unblock(sender, t);
  std::vector<std::string> faults;
  for (const BlockConfig& sender : context_.registry.config().blocks) {
    const absl::Status status = Block(sender, true, t);
    if (status.ok() || absl::IsAlreadyExists(status)) continue;
    faults.emplace_back(status.message());
    context_.journal.Record(occurrence::SenderNotBlocked{faults.back()}, t.unix_ms);
  }
  return faults;
}

}  // namespace dpvrrp
