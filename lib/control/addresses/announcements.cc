// SPDX-License-Identifier: BSD-3-Clause
//
// Addresses: the announcements that are due are sent. On a port an lcore sends them. On a kernel device the host does,
// with requests of their own: they change nothing, so they have nothing to do with the reconciler's, and one that fails
// is not tried again before the next repeat.
#include <algorithm>
#include <string>
#include <utility>

#include "control/addresses/addresses.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

// The ids of these requests: the address itself. The reconciler's ids are small.
constexpr uint64_t kAnnouncement = uint64_t{1} << 63;

uint64_t RequestId(InstanceId instance, uint16_t index) {
  return kAnnouncement | uint64_t{instance.value()} << 16 | index;
}

InstanceId InstanceOf(uint64_t request) { return InstanceId(static_cast<uint32_t>(request >> 16)); }

}  // namespace

bool Addresses::IsAnnouncement(const HostReply& reply) { return (reply.id & kAnnouncement) != 0; }

void Addresses::ChooseOutlets(InstanceId id, const InstanceConfig& config) {
  const PortBinding* port = context_.registry.FindPort(config.port);
  if (port == nullptr) return;
  const auto has_neighbours = [&](const std::string& device) { return context_.services.HasNeighbours(device); };
  announcer_.SetOutlets(id, OutletsOf(config, *port, has_neighbours));
  ForgetFailures(id);  // another list has other indices
}

void Addresses::SendAnnouncements(ControlTime t) {
  for (const Announcement& announcement : announcer_.Take(t.now)) {
    const ManagedInstance* instance = context_.registry.FindById(announcement.instance);
    if (instance == nullptr || instance->removing) continue;
    context_.outbox.shard.push_back(command::Announce{instance->router, announcement.first, announcement.count});
  }
  for (const Announcement& announcement : announcer_.TakeOnDevices(t.now)) AnnounceOnDevices(announcement);
}

// The lcore checks that its router is still master. Here control does, as far as it knows. The announcer knows which
// addresses are held; one that is just put behind an own address stays so.
void Addresses::AnnounceOnDevices(const Announcement& announcement) {
  const ManagedInstance* instance = context_.registry.FindById(announcement.instance);
  if (instance == nullptr || instance->removing || instance->state != State::kMaster) return;
  for (const VipReconciler::Vip& vip : vips_.vips(instance->id)) {
    if (vip.index < announcement.first || vip.index - announcement.first >= announcement.count) continue;
    if (!vip.wanted) continue;
    context_.outbox.host.push_back(HostRequest{
        .id = RequestId(instance->id, vip.index), .op = HostOp::kAnnounce, .device = vip.device, .prefix = vip.prefix});
  }
}

// The event tells that an address could not be announced, and not each repeat.
void Addresses::OnAnnounced(const HostReply& reply, ControlTime t) {
  if (reply.status.ok()) {
    unannounced_.erase(reply.id);
    return;
  }
  const ManagedInstance* instance = context_.registry.FindById(InstanceOf(reply.id));
  if (instance == nullptr || instance->state != State::kMaster) return;
  if (!unannounced_.insert(reply.id).second) return;
  const occurrence::AnnouncementFailed failure{std::string(reply.status.message())};
  context_.journal.Record(instance->config, failure, t.unix_ms);
}

void Addresses::ForgetFailures(InstanceId id) {
  unannounced_.erase(unannounced_.lower_bound(RequestId(id, 0)), unannounced_.upper_bound(RequestId(id, UINT16_MAX)));
}

void Addresses::OnDeviceMac(const std::string& device) {
  for (const auto& [instance, index] : vips_.AddressesOn(device)) announcer_.OnDeviceMac(instance, index);
}

}  // namespace dpvrrp
