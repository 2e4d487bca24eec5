// SPDX-License-Identifier: BSD-3-Clause
//
// The work of the control thread with 16,000 instances (the argument): each phase of a start, a reload without change,
// and a change of state of all of them at once. No lcore and no kernel: their answers are made up at once.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "ah/continuity.h"
#include "config/diff.h"
#include "config/load.h"
#include "control/commands/commands.h"
#include "control/controller.h"
#include "control/instances/router_builder.h"
#include "io/state_copier.h"
#include "io/state_records.h"

namespace dpvrrp {
namespace {

constexpr int64_t kVrids = 250;
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 0x0b}};

std::string Head() { return "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n"; }

// One template, each VIP programmed on its VLAN's device, or advertised only.
std::string TemplateFile(int64_t instances, bool programmed) {
  return absl::StrCat(Head(), R"([[template]]
name = "v{vlan}-{vrid}"
port = "lan"
vlan = ["100-)",
                      99 + instances / kVrids, R"("]
vrid = "1-)",
                      kVrids, R"("
source_address = { address = "10.0.0.2", per_vlan = "0.0.4.0" }
[[template.virtual_addresses]]
address = "10.0.1.1/22"
per_vlan = "0.0.4.0"
per_vrid = "0.0.0.1"
)",
                      programmed ? "device = \"eth0.{vlan}\"\n" : "",
                      R"([template.authentication]
type = "ah"
key = "k7Qw2ZpX"
)");
}

// The same, a table for each.
std::string WrittenFile(int64_t instances) {
  std::string text = Head();
  for (int64_t i = 0; i < instances; ++i) {
    const int64_t vlan = i / kVrids, vrid = i % kVrids + 1;
    absl::StrAppend(&text, "[[instance]]\nname = \"v", vlan + 100, "-", vrid, "\"\nport = \"lan\"\nvlan = [",
                    vlan + 100, "]\nvrid = ", vrid, "\nsource_address = \"10.0.", vlan * 4,
                    ".2\"\nvirtual_addresses = [\"10.0.", vlan * 4 + 1, ".", vrid,
                    "/22\"]\n[instance.authentication]\ntype = \"ah\"\nkey = \"k7Qw2ZpX\"\n");
  }
  return text;
}

LoadResult Load(const std::string& text) {
  return LoadConfig(text, "c.toml", [](const std::string&) { return SecretBytes(); });
}

class BenchServices : public Services {
 public:
  bool HasNeighbours(const std::string&) override { return false; }
  absl::Status MoveRecord(absl::string_view, absl::string_view) override { return absl::OkStatus(); }
  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override { return &records_[std::string(key)]; }
  uint32_t HighestSent() override { return 0; }
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac, Family, Vrid) override {
    return device;
  }
  void ReleaseDevice(const std::string&) override {}
  absl::StatusOr<std::string> RestoreDevice(const std::string& device) override { return device; }
  absl::Status PrepareDevice(const std::string&) override { return absl::OkStatus(); }
  bool LinkIsUp(const std::string&) override { return true; }
  bool HasMac(const MacAddress&) override { return false; }
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override { return std::vector<HostAddress>(); }
  absl::StatusOr<std::vector<RoutingEntry>> ListRouting() override { return std::vector<RoutingEntry>(); }
  absl::StatusOr<std::string> TakeHandover() override { return absl::NotFoundError("no hand-over"); }
  LoadResult LoadConfiguration() override { return Load(text); }
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override {
    if (path != "k") return absl::NotFoundError(path);
    return SecretBytes({'x', '8', 'f', 'j', '2', 'q', 'p', 'z'});
  }
  std::vector<PortStatus> Ports() override { return {}; }
  absl::Status SetPromiscuous(PortId, bool) override { return absl::OkStatus(); }
  std::vector<WorkerStatus> Workers() override { return {}; }
  size_t TakeFrames(std::span<FrameCopy>) override { return 0; }
  uint64_t FramesNotShown() override { return 0; }
  std::vector<std::string> ProgramsOn(uint32_t) override { return {}; }
  ProcessStatus Process() override { return {}; }
  void SetLogLevel(Severity) override {}
  std::vector<ClientStatus> Clients() override { return {}; }

  std::string text;

 private:
  absl::flat_hash_map<std::string, SequenceRecord> records_;
};

// A controller whose lcore and kernel execute every request at once.
struct World {
  explicit World(int64_t instances, bool programmed) : config(Load(TemplateFile(instances, programmed)).config) {
    services.text = TemplateFile(instances, programmed);
  }
  ~World() {
    for (const ShardCommand& command : controller.outbox().shard) Release(command);
    controller.outbox().shard.clear();
    for (VirtualRouter* router : routers) delete router;
  }
  ControlTime Time() const { return {Instant(std::chrono::seconds(1000)), 1'700'000'000'000}; }

  void Start() {
    controller.Start(config, Time());
    if (!controller.not_started().entries().empty()) std::abort();
  }
  void Carry() {
    Outbox out = std::exchange(controller.outbox(), Outbox{});
    for (const ShardCommand& command : out.shard) {
      if (const auto* add = std::get_if<command::Add>(&command)) routers.push_back(add->router);
      const auto* asked = std::get_if<command::Query>(&command);
      if (asked == nullptr) continue;
      InstanceQuery& query = *asked->query;
      for (size_t i = 0; i < query.wanted.size(); ++i) query.found[i].id = query.wanted[i]->config.id;
      controller.OnShardEvent(event::Answered{&query}, Time());
    }
    for (const HostRequest& request : out.host) controller.OnHostReply({request.id, absl::OkStatus()}, Time());
    answers += out.answers.size();
    for (const Answer& answer : out.answers) bytes += answer.body.size();
  }
  void Everybody(State from, State to) {
    for (VirtualRouter* router : routers) {
      event::Transition event{};
      event.instance = router->config.id;
      event.from = from;
      event.to = to;
      event.reason = Reason::kMasterTimeout;
      event.at = Time().now;
      controller.OnShardEvent(event, Time());
    }
    while (!controller.outbox().host.empty() || !controller.outbox().shard.empty()) Carry();
  }
  std::string Ask(const std::string& line) {
    controller.OnCommand(RequesterId(7), line, Time());
    while (controller.outbox().answers.empty() && !controller.outbox().shard.empty()) Carry();  // a few at a time
    std::string body = controller.outbox().answers.empty() ? "" : controller.outbox().answers.back().body;
    controller.outbox().answers.clear();
    return body;
  }

  Config config;
  BenchServices services;
  std::vector<VirtualRouter*> routers;
  size_t answers = 0, bytes = 0;
  Controller controller{services, {{"lan", PortId(0), kMac}}, {}, "none", Time()};
};

void LoadTemplate(benchmark::State& state) {
  const std::string text = TemplateFile(state.range(0), true);
  for (auto _ : state) benchmark::DoNotOptimize(Load(text));
}

void LoadWritten(benchmark::State& state) {
  const std::string text = WrittenFile(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(Load(text));
}

void AcquireRecords(benchmark::State& state) {
  const Config config = Load(TemplateFile(state.range(0), false)).config;
  const std::string folder = absl::StrCat(std::filesystem::temp_directory_path().string(), "/control_bench.", getpid());
  for (auto _ : state) {
    absl::StatusOr<std::unique_ptr<StateCopier>> copier =
        StateCopier::Open(folder, {.instances = config.instances.size(), .boot_id = "bench"}, nullptr);
    StateRecords records((*copier)->memory());
    for (const InstanceConfig& instance : config.instances) {
      absl::StatusOr<SequenceRecord*> record = records.Acquire(SequenceKey(instance));
      if (!record.ok()) std::abort();
      ReserveAhead(**record, 0);
    }
    if (!(*copier)->Copy(true).status.ok()) std::abort();
    (*copier)->RemoveMemory();
    state.PauseTiming();
    std::filesystem::remove_all(folder);
    state.ResumeTiming();
  }
}

// What control does every minute; with the second argument numbers are to be reserved for all, and the
// copier's work is counted too, which control does not wait for.
void LookAtNumbers(benchmark::State& state) {
  const Config config = Load(TemplateFile(state.range(0), false)).config;
  const std::string folder = absl::StrCat(std::filesystem::temp_directory_path().string(), "/control_bench.", getpid());
  absl::StatusOr<std::unique_ptr<StateCopier>> copier =
      StateCopier::Open(folder, {.instances = config.instances.size(), .boot_id = "bench"}, nullptr);
  StateRecords state_records((*copier)->memory());
  std::vector<SequenceRecord*> records;
  for (const InstanceConfig& instance : config.instances) {
    records.push_back(*state_records.Acquire(SequenceKey(instance)));
    ReserveAhead(*records.back(), 0);
  }
  for (auto _ : state) {
    size_t grown = 0;
    for (SequenceRecord* record : records) {
      if (state.range(1) != 0) record->sent += kReserveAhead / 2 + 1;
      if (record->sent > 4'000'000'000) record->sent = record->reserved = record->wanted = 0;
      grown += ReserveAhead(*record, Reached(*record, true));
    }
    if (grown > 0 && !(*copier)->Copy(false).status.ok()) std::abort();
  }
  (*copier)->RemoveMemory();
  std::filesystem::remove_all(folder);
}

void BuildRouters(benchmark::State& state) {
  const Config config = Load(TemplateFile(state.range(0), false)).config;
  SequenceRecord record;
  for (auto _ : state) {
    std::vector<std::unique_ptr<VirtualRouter>> routers;
    for (const InstanceConfig& instance : config.instances) {
      routers.push_back(
          *BuildRouter(instance, {.id = InstanceId(1), .port = PortId(0), .port_mac = kMac, .record = &record}));
    }
    state.PauseTiming();
    routers.clear();
    state.ResumeTiming();
  }
}

void StartController(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto world = std::make_unique<World>(state.range(0), true);
    state.ResumeTiming();
    world->Start();
    state.PauseTiming();
    world.reset();
    state.ResumeTiming();
  }
}

void ReloadWithoutChange(benchmark::State& state) {
  World world(state.range(0), true);
  world.Start();
  world.Carry();
  for (auto _ : state) {
    if (!world.controller.Reload(world.Time()).ok()) std::abort();
    if (!world.controller.outbox().shard.empty() || !world.controller.outbox().host.empty()) {
      state.SkipWithError("a reload without change did something");
    }
    world.controller.outbox().log.clear();
  }
}

// All instances of a ring get a key more, or less: until their sets lie in the outbox.
void ReKeyEverybody(benchmark::State& state) {
  World world(state.range(0), true);
  const auto ring = std::make_shared<KeyringConfig>(*world.config.instances[0].auth.keyring);
  ring->name = "core";
  for (InstanceConfig& instance : world.config.instances) instance.auth.keyring = ring;
  world.config.keyrings = {ring};
  world.Start();
  world.Carry();
  bool add = true;
  for (auto _ : state) {
    world.controller.OnCommand(RequesterId(7), add ? "key add core 2 file k" : "key drop core 2", world.Time());
    state.PauseTiming();
    add = !add;
    Outbox out = std::exchange(world.controller.outbox(), Outbox{});
    if (out.shard.size() != static_cast<size_t>(state.range(0))) state.SkipWithError("not all were re-keyed");
    for (const ShardCommand& command : out.shard) {
      const auto& replace = std::get<command::Replace>(command);
      std::swap(replace.router->config.keys, replace.wanted->config.keys);
      world.controller.OnShardEvent(event::Replaced{replace.router->config.id, replace.wanted}, world.Time());
    }
    state.ResumeTiming();
  }
}

// Backup -> Master -> Backup, their addresses added and removed. `followers` clients watch the events.
void EverybodyChangesState(benchmark::State& state) {
  World world(state.range(0), true);
  world.Start();
  world.Carry();
  for (int64_t i = 0; i < state.range(1); ++i) {
    world.controller.OnCommand(RequesterId(static_cast<uint64_t>(100 + i)), "show events --follow", world.Time());
  }
  for (auto _ : state) {
    world.Everybody(State::kBackup, State::kMaster);
    world.Everybody(State::kMaster, State::kBackup);
  }
  state.SetItemsProcessed(state.iterations() * 2 * state.range(0));
  state.counters["stream_bytes"] = static_cast<double>(world.bytes) / static_cast<double>(state.iterations());
}

void Show(benchmark::State& state, const std::string& line) {
  World world(state.range(0), true);
  world.Start();
  world.Carry();
  size_t bytes = 0;
  for (auto _ : state) bytes = world.Ask(line).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}

BENCHMARK(LoadTemplate)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(LoadWritten)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(AcquireRecords)->Arg(16000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(LookAtNumbers)->Args({16000, 0})->Args({16000, 1})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BuildRouters)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(StartController)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(ReloadWithoutChange)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(ReKeyEverybody)->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK(EverybodyChangesState)->Args({16000, 0})->Args({16000, 1})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Show, instances, "show instances")->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Show, instances_json, "show instances --json")->Arg(16000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Show, one, "show instance v130-51")->Arg(16000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dpvrrp

BENCHMARK_MAIN();
