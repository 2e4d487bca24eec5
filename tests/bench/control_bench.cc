// SPDX-License-Identifier: BSD-3-Clause
//
// What the control thread does with 16,000 instances (the argument): each phase of a start, a reload without change,
// and the work when all of them change state at once. No lcore and no kernel: their answers are made up on the spot.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "ah/continuity.h"
#include "config/diff.h"
#include "config/load.h"
#include "control/commands.h"
#include "control/controller.h"
#include "control/router_builder.h"
#include "io/state_file.h"

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
  absl::Status MoveRecord(absl::string_view, absl::string_view) override { return absl::OkStatus(); }
  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override { return &records_[std::string(key)]; }
  uint32_t HighestSent() override { return 0; }
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac, Family, Vrid) override {
    return device;
  }
  void ReleaseDevice(const std::string&) override {}
  absl::Status RestoreDevice(const std::string&) override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override { return std::vector<HostAddress>(); }
  LoadResult LoadConfiguration() override { return Load(text); }
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override {
    if (path != "k") return absl::NotFoundError(path);
    return SecretBytes({'x', '8', 'f', 'j', '2', 'q', 'p', 'z'});
  }
  std::vector<PortStatus> Ports() override { return {}; }
  std::vector<WorkerStatus> Workers() override { return {}; }

  std::string text;

 private:
  absl::flat_hash_map<std::string, SequenceRecord> records_;
};

// A controller whose lcore and kernel do at once what they are told.
struct World {
  explicit World(int64_t instances, bool programmed) : config(Load(TemplateFile(instances, programmed)).config) {
    services.text = TemplateFile(instances, programmed);
  }
  ~World() {
    for (const ShardCommand& command : controller.outbox().shard) {
      if (command.kind == ShardCommand::Kind::kAdd) routers.push_back(command.router);
    }
    controller.outbox().shard.clear();
    for (VirtualRouter* router : routers) delete router;
  }
  ControlTime Time() const { return {Instant(std::chrono::seconds(1000)), 1'700'000'000'000}; }

  void Start() {
    if (!controller.Start(config, Time()).ok()) std::abort();
  }
  void Carry() {
    Outbox out = std::exchange(controller.outbox(), Outbox{});
    for (const ShardCommand& command : out.shard) {
      if (command.kind == ShardCommand::Kind::kAdd) routers.push_back(command.router);
      if (command.kind != ShardCommand::Kind::kQuery) continue;
      for (size_t i = 0; i < command.query->wanted.size(); ++i) {
        command.query->found[i].id = command.query->wanted[i]->config.id;
      }
      ShardEvent event;
      event.kind = ShardEvent::Kind::kAnswered;
      event.query = command.query;
      controller.OnShardEvent(event, Time());
    }
    for (const HostRequest& request : out.host) controller.OnHostReply({request.id, absl::OkStatus()}, Time());
    answers += out.answers.size();
    for (const Answer& answer : out.answers) bytes += answer.body.size();
  }
  void Everybody(State from, State to) {
    for (VirtualRouter* router : routers) {
      ShardEvent event;
      event.kind = ShardEvent::Kind::kTransition;
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
    absl::StatusOr<std::unique_ptr<StateFile>> file =
        StateFile::Open(folder, {.instances = config.instances.size(), .boot_id = "bench"}, nullptr);
    for (const InstanceConfig& instance : config.instances) {
      absl::StatusOr<SequenceRecord*> record = (*file)->Acquire(SequenceKey(instance));
      if (!record.ok()) std::abort();
      ReserveAhead(**record, 0);
    }
    if (!(*file)->Flush().ok()) std::abort();
    file->reset();
    state.PauseTiming();
    std::filesystem::remove_all(folder);
    state.ResumeTiming();
  }
}

// What control does every minute; with the second argument numbers are to be reserved for all, and the disk waited for.
void LookAtNumbers(benchmark::State& state) {
  const Config config = Load(TemplateFile(state.range(0), false)).config;
  const std::string folder = absl::StrCat(std::filesystem::temp_directory_path().string(), "/control_bench.", getpid());
  absl::StatusOr<std::unique_ptr<StateFile>> file =
      StateFile::Open(folder, {.instances = config.instances.size(), .boot_id = "bench"}, nullptr);
  std::vector<SequenceRecord*> records;
  for (const InstanceConfig& instance : config.instances) {
    records.push_back(*(*file)->Acquire(SequenceKey(instance)));
    ReserveAhead(*records.back(), 0);
  }
  for (auto _ : state) {
    size_t grown = 0;
    for (SequenceRecord* record : records) {
      if (state.range(1) != 0) record->sent += kReserveAhead / 2 + 1;
      if (record->sent > 4'000'000'000) record->sent = record->reserved = 0;
      grown += ReserveAhead(*record, Reached(*record, true));
    }
    if (grown > 0 && !(*file)->Flush().ok()) std::abort();
  }
  file->reset();
  std::filesystem::remove_all(folder);
}

void BuildRouters(benchmark::State& state) {
  const Config config = Load(TemplateFile(state.range(0), false)).config;
  SequenceRecord record;
  for (auto _ : state) {
    std::vector<std::unique_ptr<VirtualRouter>> routers;
    for (const InstanceConfig& instance : config.instances) {
      routers.push_back(*BuildRouter(instance, InstanceId(1), PortId(0), kMac, &record));
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
      ShardEvent event;
      event.kind = ShardEvent::Kind::kKeysReplaced;
      event.instance = command.router->config.id;
      event.keys = command.router->config.keys.release();
      command.router->config.keys.reset(command.keys);
      world.controller.OnShardEvent(event, world.Time());
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
