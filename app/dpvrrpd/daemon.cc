// SPDX-License-Identifier: BSD-3-Clause
#include "daemon.h"

#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "confinement.h"
#include "io/clock.h"
#include "log.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kTick = std::chrono::seconds(1);  // links that nobody announces, idle clients, state file
constexpr Nanoseconds kLinkTick = std::chrono::milliseconds(50);  // links while one is down: just started, or repaired
constexpr Nanoseconds kRetry = std::chrono::milliseconds(1);      // a full command ring
constexpr Nanoseconds kLongestStop = std::chrono::seconds(5);     // then we leave without the last acknowledgements

ReplyStatus ToReplyStatus(Answer::Status status) {
  switch (status) {
    case Answer::Status::kOk:
      return ReplyStatus::kOk;
    case Answer::Status::kMore:
      return ReplyStatus::kMore;
    case Answer::Status::kUsage:
      return ReplyStatus::kUsage;
    case Answer::Status::kError:
      break;
  }
  return ReplyStatus::kError;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const std::string& config_file, Config config,
                                                      const std::vector<std::string>& eal_arguments) {
  std::unique_ptr<Daemon> daemon(new Daemon);
  const absl::Status status = daemon->Prepare(config_file, std::move(config), eal_arguments);
  if (!status.ok()) return status;
  return daemon;
}

// The lcores stop before what they write into goes away.
Daemon::~Daemon() {
  server_.reset();
  if (dataplane_ != nullptr) dataplane_->Stop();
}

absl::Status Daemon::Prepare(const std::string& config_file, Config config,
                             const std::vector<std::string>& eal_arguments) {
  // Signals first: threads started later inherit the mask.
  absl::StatusOr<SignalFd> signals = SignalFd::Create();
  if (!signals.ok()) return signals.status();
  signals_ = std::make_unique<SignalFd>(*std::move(signals));
  absl::StatusOr<EventFd> kick = EventFd::Create();
  if (!kick.ok()) return kick.status();
  kick_ = std::make_unique<EventFd>(*std::move(kick));
  absl::StatusOr<ClockStepFd> clock_steps = ClockStepFd::Create();
  if (!clock_steps.ok()) return clock_steps.status();
  clock_steps_ = std::make_unique<ClockStepFd>(*std::move(clock_steps));
  absl::StatusOr<std::unique_ptr<Reactor>> reactor = Reactor::Create();
  if (!reactor.ok()) return reactor.status();
  reactor_ = *std::move(reactor);

  const absl::StatusOr<Confinement> confinement = Confinement::Resolve(config.daemon);
  if (!confinement.ok()) return confinement.status();

  // The state file's lock and the socket refuse a second daemon before anything of it touches the network.
  StateFileOptions options;
  options.instances = std::max(config.instances.size() * 2, kDefaultStateInstances);
  StateFileReport report;
  absl::StatusOr<std::unique_ptr<StateFile>> state = StateFile::Open(config.daemon.state_directory, options, &report);
  if (!state.ok()) return state.status();
  state_ = *std::move(state);
  WriteLog(Severity::kInfo, ToString(report));
  absl::StatusOr<std::unique_ptr<ControlServer>> server = ControlServer::Listen(
      *reactor_, config.daemon.control_socket,
      [this](ClientId client, const std::string& line) {
        controller_->OnCommand(RequesterId(client.value()), line, Time());
        FlushOutbox();
      },
      confinement->control_owner());
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  server_->set_on_close([this](ClientId client) { controller_->OnRequesterGone(RequesterId(client.value())); });

  absl::StatusOr<std::unique_ptr<NetlinkHost>> host = NetlinkHost::Open();
  if (!host.ok()) return host.status();
  host_ = *std::move(host);

  DataplaneConfig dataplane_config;
  for (const PortConfig& port : config.ports) dataplane_config.ports.push_back({port.device, port.lcores});
  dataplane_config.main_lcore = config.daemon.main_lcore;
  dataplane_config.lcores = config.daemon.lcores;
  dataplane_config.idle = config.daemon.idle;
  dataplane_config.longest_sleep = config.daemon.idle_sleep;
  dataplane_config.eal_arguments = eal_arguments;
  absl::StatusOr<std::unique_ptr<Dataplane>> dataplane = Dataplane::Start(dataplane_config, kick_->fd());
  if (!dataplane.ok()) return dataplane.status();
  dataplane_ = *std::move(dataplane);

  // All is open, and nothing has been received.
  const bool other_user = confinement->changes_user();
  if (absl::Status status = confinement->Enter(); !status.ok()) return status;

  services_ = std::make_unique<SystemServices>(config_file, config.ports, *state_, *host_, *dataplane_);
  if (other_user) WarnOfUnreadableFiles();
  std::vector<PortBinding> ports;
  for (size_t i = 0; i < config.ports.size(); ++i) {
    const PortInfo& info = dataplane_->ports()[i];
    ports.push_back({config.ports[i].name, info.id, info.mac, info.workers});
    WriteLog(Severity::kInfo, absl::StrCat("port ", config.ports[i].name, ": ", info.device, ", driver ", info.driver,
                                           ", MAC ", ToString(info.mac), ", receive filter ", ToString(info.filter),
                                           ", steering ", ToString(info.steering)));
    for (const std::string& warning : info.warnings) {
      WriteLog(Severity::kWarning, absl::StrCat("port ", config.ports[i].name, ": ", warning));
    }
  }
  link_up_.assign(ports.size(), true);  // as a shard assumes until told otherwise
  std::vector<const ShardCounters*> shards;
  for (size_t i = 0; i < dataplane_->workers(); ++i) shards.push_back(&dataplane_->shard_counters(i));
  controller_ = std::make_unique<Controller>(*services_, std::move(ports), std::move(shards),
                                             std::string(dataplane_->icv_engine(0)), Time());
  const absl::Status watching = Watch();
  if (!watching.ok()) return watching;
  EverySecond();  // a port without link must not make masters, nor a lcore without the time adverts
  const absl::Status started = controller_->Start(std::move(config), Time());
  for (const std::string& device : services_->RemoveLeftoverDevices()) {
    WriteLog(Severity::kWarning, absl::StrCat("device ", device, " is left over from an earlier run: removed"));
  }
  if (!started.ok()) return started;
  controller_->outbox().flush_records = false;
  const absl::Status flushed = state_->Flush();
  if (!flushed.ok()) return flushed;
  FlushOutbox();
  malloc_trim(0);  // reading the configuration takes several times the memory that it fills
  confinement->Lock();
  return absl::OkStatus();
}

// The configuration was read by whoever started us; a reload will be somebody else's.
void Daemon::WarnOfUnreadableFiles() {
  for (const ConfigFault& fault : services_->LoadConfiguration().errors) {
    WriteLog(Severity::kWarning, absl::StrCat("a reload will be refused: ", ToString(fault)));
  }
}

absl::Status Daemon::Watch() {
  const std::pair<int, void (Daemon::*)()> sources[] = {{signals_->fd(), &Daemon::TakeSignals},
                                                        {kick_->fd(), &Daemon::TakeShardEvents},
                                                        {clock_steps_->fd(), &Daemon::TakeClockStep},
                                                        {host_->request_fd(), &Daemon::TakeHost},
                                                        {host_->event_fd(), &Daemon::TakeHost}};
  for (const auto& [fd, take] : sources) {
    const absl::Status status = reactor_->Add(fd, kReadable, [this, take = take](uint32_t) { (this->*take)(); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Daemon::Run() {
  while (!controller_->Finished()) {
    const absl::Status status = reactor_->RunOnce(UntilNextDeadline());
    if (!status.ok()) return status;
    const ControlTime t = Time();
    if (second_ends_ <= t.now) EverySecond();
    if (look_at_links_ <= t.now) TakeLinks();
    if (controller_->NextDeadline() <= t.now) controller_->OnTime(t);
    FlushOutbox();
    if (stop_by_ <= t.now) {
      WriteLog(Severity::kWarning, "stopped before everything was acknowledged");
      break;
    }
  }
  return absl::OkStatus();
}

void Daemon::TakeShardEvents() {
  kick_->Drain();
  if (dataplane_->TakeLinkChange()) TakeLinks();
  std::array<ShardEvent, kMaxBurst> events;
  for (size_t worker = 0; worker < dataplane_->workers(); ++worker) {
    size_t count = events.size();
    while (count == events.size()) {
      count = dataplane_->Receive(worker, events);
      const ControlTime t = Time();
      for (size_t i = 0; i < count; ++i) controller_->OnShardEvent(events[i], t);
    }
  }
  FlushOutbox();
}

void Daemon::TakeHost() {
  const ControlTime t = Time();
  std::vector<HostReply> replies;
  host_->ReceiveReplies(replies);
  for (const HostReply& reply : replies) controller_->OnHostReply(reply, t);
  std::vector<HostEvent> events;
  host_->ReceiveEvents(events);
  for (const HostEvent& event : events) controller_->OnHostEvent(event, t);
  FlushOutbox();
}

void Daemon::TakeSignals() {
  while (const std::optional<int> signal = signals_->Read()) {
    if (*signal == SIGHUP) {
      controller_->Reload(Time()).status().IgnoreError();  // the event log says how it went
    } else {
      stop_by_ = std::min(stop_by_, Time().now + kLongestStop);
      controller_->Shutdown(Time());
    }
  }
  FlushOutbox();
}

void Daemon::EverySecond() {
  const ControlTime t = Time();
  second_ends_ = t.now + kTick;
  TakeLinks();
  controller_->OnClock(t);
  server_->Tick(t.now);
  state_->Sync(t.unix_ms);
}

void Daemon::TakeClockStep() {
  clock_steps_->Rearm();
  controller_->OnClock(Time());
  FlushOutbox();
}

void Daemon::TakeLinks() {
  const ControlTime t = Time();
  const std::vector<PortLink> links = dataplane_->PollLinks();
  const bool all_up = std::all_of(links.begin(), links.end(), [](const PortLink& link) { return link.up; });
  look_at_links_ = all_up ? kNever : t.now + kLinkTick;
  for (size_t i = 0; i < links.size(); ++i) {
    if (links[i].up == link_up_[i]) continue;
    link_up_[i] = links[i].up;
    controller_->OnPortLink(links[i].id, links[i].up, t);
  }
}

// The lcores first: the kernel does its work inside Send(), some milliseconds of it. A loop, because its answers come
// back at once and may bring new work.
void Daemon::FlushOutbox() {
  Outbox& out = controller_->outbox();
  SendToShards();
  while (!out.host.empty()) {
    host_->Send(std::exchange(out.host, {}));
    std::vector<HostReply> replies;
    host_->ReceiveReplies(replies);
    const ControlTime t = Time();
    for (const HostReply& reply : replies) controller_->OnHostReply(reply, t);
    SendToShards();
  }
  for (const LogEvent& event : std::exchange(out.log, {})) WriteLog(event);
  for (const Answer& answer : std::exchange(out.answers, {})) {
    const ClientId client(answer.to.value());
    if (answer.status == Answer::Status::kMore) {
      server_->Stream(client, answer.body);
    } else {
      server_->Reply(client, ToReplyStatus(answer.status), answer.body);
    }
  }
}

// Waits for the disk: for a reload that adds instances, and some days apart for numbers to be reserved. A disk that
// does not take it is no reason to fall silent.
void Daemon::FlushRecords() {
  const absl::Status flushed = state_->Flush();
  if (flushed.ok()) return;
  WriteLog(Severity::kError, absl::StrCat("the state file could not be written, a power loss from now on may repeat "
                                          "sequence numbers: ",
                                          flushed.message()));
}

void Daemon::SendToShards() {
  if (std::exchange(controller_->outbox().flush_records, false)) FlushRecords();
  std::deque<ShardCommand>& commands = controller_->outbox().shard;
  for (; prepared_ < commands.size(); ++prepared_) dataplane_->Prepare(commands[prepared_]);
  for (const std::string& note : dataplane_->ProgramFilters()) WriteLog(Severity::kNotice, note);
  while (!commands.empty() && dataplane_->Send(commands.front())) {
    commands.pop_front();
    --prepared_;
  }
  if (receives_ || !commands.empty()) return;
  dataplane_->BeginReceiving();  // all instances are there, or on their way
  receives_ = true;
}

ControlTime Daemon::Time() const { return ControlTime{MonotonicNow(), UnixMilliseconds()}; }

Nanoseconds Daemon::UntilNextDeadline() const {
  const Instant now = MonotonicNow();
  if (!controller_->outbox().shard.empty()) return kRetry;
  return std::min({controller_->NextDeadline(), second_ends_, look_at_links_, stop_by_}) - now;
}

}  // namespace dpvrrp
