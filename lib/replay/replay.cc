// SPDX-License-Identifier: BSD-3-Clause
#include "replay/replay.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "control/controller.h"
#include "crypto/icv_engine.h"
#include "pipeline/shard.h"
#include "replay/replay_services.h"

namespace dpvrrp {
namespace {

constexpr Instant kStart{std::chrono::seconds(1000)};
constexpr Nanoseconds kSecond = std::chrono::seconds(1);
constexpr Nanoseconds kTick{1 << TimerWheel::kTickShift};  // a deadline of the past is looked at again after this time
constexpr Nanoseconds kLongest = std::chrono::hours(24 * 366);
constexpr Nanoseconds kLongestEnd = std::chrono::seconds(5);
constexpr size_t kMaxShardFrame = UINT16_MAX;  // bytes; no VRRP frame is longer

// What would need the host's kernel and programs.
Config WithoutHost(Config config) {
  config.tracks.clear();
  config.scripts = {};
  for (InstanceConfig& instance : config.instances) {
    instance.tracks.clear();
    instance.notify = {};
  }
  for (GroupConfig& group : config.groups) {
    group.tracks.clear();
    group.notify = {};
  }
  return config;
}

std::vector<PortStatus> StatusOf(const Config& config, const std::vector<MacAddress>& macs) {
  std::vector<PortStatus> ports;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    PortStatus& port = ports.emplace_back();
    port.id = PortId(static_cast<uint16_t>(i));
    port.name = config.ports[i].name;
    port.device = config.ports[i].device;
    port.mac = macs[i];
    port.up = true;
  }
  return ports;
}

std::vector<PortBinding> BindingsOf(const Config& config, const std::vector<MacAddress>& macs) {
  std::vector<PortBinding> ports;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    ports.push_back({.name = config.ports[i].name, .id = PortId(static_cast<uint16_t>(i)), .mac = macs[i]});
  }
  return ports;
}

// Keeps how the last frame ended.
class LastDisposition : public FrameTap {
 public:
  void Saw(const Frame&, const Disposition& how, Instant) override {
    how_ = how;
    if (how.router != nullptr) instance_ = how.router->config.id;
    if (how.router == nullptr) instance_.reset();
  }
  const Disposition& how() const { return how_; }
  std::optional<InstanceId> instance() const { return instance_; }

 private:
  Disposition how_;
  std::optional<InstanceId> instance_;
};

// One controller and one shard, as the daemon with one worker.
class Player {
 public:
  Player(const Config& config, const std::vector<MacAddress>& macs, Nanoseconds wall_start, ReplaySink& sink)
      : sink_(&sink),
        wall_start_(wall_start),
        engine_(MakeOpensslEngine()),
        shard_(std::make_unique<Shard>(*engine_, kStart)),
        services_(StatusOf(config, macs)),
        controller_(services_, BindingsOf(config, macs), {&shard_->counters()}, "openssl", Time()) {
    shard_->SetTap(&tap_);
    for (size_t i = 0; i < buffers_.size(); ++i) {
      bytes_[i].resize(kMaxFrameBytes);
      buffers_[i].data = bytes_[i].data();
    }
  }

  void Start(Config config) {
    controller_.OnClock(Time());
    controller_.Start(std::move(config), Time());
    Turn();
  }

  // What is due before this frame of the capture happens.
  void RunUntilFrame(const CapturePacket& packet) { RunUntil(kStart + (packet.at - wall_start_)); }

  void Receive(const CapturePacket& packet, size_t number, PortId port, const std::string& port_name) {
    RunUntilFrame(packet);
    const auto received = packet.bytes.first(std::min(packet.bytes.size(), kMaxShardFrame));
    std::vector<uint8_t> copy(received.begin(), received.end());
    const Frame frame{copy.data(), static_cast<uint16_t>(copy.size()), port};
    shard_->Receive(std::span(&frame, 1), now_);
    ReplayedFrame replayed{number, &packet, port_name, false, "", tap_.how()};
    if (tap_.instance().has_value()) {
      if (const ManagedInstance* to = controller_.view().registry.FindById(*tap_.instance())) {
        replayed.instance = to->config.name;
      }
    }
    replayed.how.router = nullptr;
    sink_->OnFrame(replayed);
    if (sink_->Traces(number)) {
      std::copy(received.begin(), received.end(), copy.begin());  // the shard may have changed it
      sink_->OnTrace({frame, replayed.how, now_}, port_name, controller_.view().registry, Time().unix_ms);
    }
    Turn();
  }

  // The shard must give its routers back to the controller before it is destroyed. What is sent meanwhile is no part of
  // the replay.
  void End() {
    sink_ = nullptr;
    controller_.Shutdown(Time());
    Turn();
    const Instant end = now_ + kLongestEnd;
    while (!controller_.Finished() && now_ < end) RunUntil(now_ + std::chrono::milliseconds(10));
  }

 private:
  Nanoseconds WallNow() const { return wall_start_ + (now_ - kStart); }
  ControlTime Time() const { return {now_, std::chrono::duration_cast<std::chrono::milliseconds>(WallNow()).count()}; }

  void RunUntil(Instant end) {
    while (now_ < end) {
      const Instant next = std::min({shard_->NextDeadline(), controller_.NextDeadline(), second_ends_});
      now_ = std::min(end, std::max(next, now_ + kTick));
      Turn();
      if (second_ends_ <= now_) {
        second_ends_ = now_ + kSecond;
        controller_.OnClock(Time());
      }
      if (controller_.NextDeadline() <= now_) controller_.OnTime(Time());
      Turn();
    }
  }

  // Passes messages between the parts until none is left.
  void Turn() {
    for (bool busy = true; busy;) {
      Outbox out = std::exchange(controller_.outbox(), Outbox{});
      busy = !out.shard.empty() || !out.host.empty() || out.write_records != 0;
      if (out.write_records != 0) controller_.OnRecordsWritten(out.write_records);
      for (const ShardCommand& command : out.shard) shard_->Apply(command, now_);
      Transmit();
      for (const HostRequest& request : out.host) controller_.OnHostReply({request.id, absl::OkStatus()}, Time());
      for (const LogEvent& event : out.log) {
        if (sink_ != nullptr) sink_->OnEvent(WallNow(), event);
      }
      std::array<ShardEvent, kMaxBurst> events;
      while (const size_t count = shard_->TakeEvents(events)) {
        busy = true;
        for (size_t i = 0; i < count; ++i) controller_.OnShardEvent(events[i], Time());
      }
    }
  }

  void Transmit() {
    for (bool full = true; full;) {
      TxBurst burst(buffers_);
      shard_->Transmit(burst, now_);
      full = burst.room() == 0;
      for (const TxFrame& frame : burst.used()) {
        if (sink_ != nullptr) sink_->OnSent(WallNow(), frame.port, {frame.data, frame.length});
      }
    }
  }

  ReplaySink* sink_;  // null: the replay has ended
  Nanoseconds wall_start_;
  Instant now_ = kStart;
  Instant second_ends_ = kStart + kSecond;
  std::unique_ptr<IcvEngine> engine_;
  std::unique_ptr<Shard> shard_;
  LastDisposition tap_;
  ReplayServices services_;
  Controller controller_;
  std::array<std::vector<uint8_t>, kMaxBurst> bytes_;
  std::array<TxFrame, kMaxBurst> buffers_;
};

}  // namespace

absl::Status Replay(Config config, const Capture& capture, const CapturePorts& ports, ReplaySink& sink) {
  if (capture.packets.empty()) return absl::InvalidArgumentError("the capture has no frames");
  const Nanoseconds start = capture.packets.front().at;
  if (capture.packets.back().at - start > kLongest) {
    return absl::InvalidArgumentError("the capture spans more than a year: the times of its frames are not usable");
  }
  std::vector<std::string> names;
  std::vector<MacAddress> macs;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    names.push_back(config.ports[i].name);
    macs.push_back(MacOfPort(capture, ports, config, PortId(static_cast<uint16_t>(i))));
  }
  Player player(config, macs, start, sink);
  player.Start(WithoutHost(std::move(config)));
  size_t number = 0;
  for (const CapturePacket& packet : capture.packets) {
    ++number;
    if (const std::optional<PortId> port = ports[packet.interface]) {
      player.Receive(packet, number, *port, names[port->value()]);
    } else {
      player.RunUntilFrame(packet);
      sink.OnFrame({number, &packet, capture.interfaces[packet.interface], true, "", {}});
    }
  }
  player.End();
  return absl::OkStatus();
}

}  // namespace dpvrrp
