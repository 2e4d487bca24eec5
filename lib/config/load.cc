// SPDX-License-Identifier: BSD-3-Clause
#include "config/load.h"

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/faults.h"
#include "config/foreign_file.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp {
namespace config_internal {
namespace {

Config Assemble(Draft draft) {
  Config config;
  config.daemon = std::move(draft.daemon);
  config.garp = std::move(draft.garp);
  config.metrics = std::move(draft.metrics);
  for (PortDraft& port : draft.ports) config.ports.push_back(std::move(port.config));
  for (KeyringDraft& keyring : draft.keyrings) config.keyrings.push_back(std::move(keyring.config));
  for (BlockDraft& block : draft.blocks) config.blocks.push_back(std::move(block.config));
  for (InstanceDraft& instance : draft.instances) config.instances.push_back(std::move(instance.config));
  config.scripts = std::move(draft.scripts);
  for (TrackDraft& track : draft.tracks) config.tracks.push_back(std::move(track.config));
  for (GroupDraft& group : draft.groups) config.groups.push_back(std::move(group.config));
  return config;
}

Config ReadRoot(const Node& root, Faults& faults, const SecretReader& read_secret, std::string folder,
                const HostFacts* host) {
  Draft draft;
  const ReadContext context{faults, read_secret, std::move(folder), draft.ports, draft.keyrings, draft.commands};
  const TableReader reader(root, kRootRule, context.faults);
  draft.daemon_table = reader.Find("daemon");
  if (draft.daemon_table != nullptr) draft.daemon = ReadDaemon(*draft.daemon_table, context.faults);
  if (const Node* garp = reader.Find("garp")) draft.garp = ReadGarp(*garp, context.faults);
  if (const Node* metrics = reader.Find("metrics")) {
    draft.metrics = ReadMetrics(*metrics, draft.daemon, context.faults);
  }
  for (const Node* port : reader.Items("port", kTable, "a list of tables: write [[port]]")) {
    draft.ports.push_back(ReadPort(*port, context.faults));
  }
  for (const Node* keyring : reader.Items("keyring", kTable, "a list of tables: write [[keyring]]")) {
    draft.keyrings.push_back(ReadKeyring(*keyring, context));
  }
  for (const Node* block : reader.Items("block", kTable, "a list of tables: write [[block]]")) {
    draft.blocks.push_back(ReadBlock(*block, context.faults));
  }
  draft.scripts_table = reader.Find("scripts");
  if (draft.scripts_table != nullptr) draft.scripts = ReadScripts(*draft.scripts_table, context);
  for (const Node* track : reader.Items("track", kTable, "a list of tables: write [[track]]")) {
    draft.tracks.push_back(ReadTrack(*track, context));
  }
  for (const Node* group : reader.Items("group", kTable, "a list of tables: write [[group]]")) {
    draft.groups.push_back(ReadGroup(*group, context));
  }
  const auto instances = reader.Items("instance", kTable, "a list of tables: write [[instance]]");
  if (instances.size() > kMaxInstances) {
    context.faults.Error(instances[kMaxInstances]->at,
                         absl::StrCat("instance: at most ", kMaxInstances, " are supported, got ", instances.size()));
    return {};
  }
  for (const Node* instance : instances) draft.instances.push_back(ReadInstance(*instance, context));
  for (const Node* table : reader.Items("template", kTable, "a list of tables: write [[template]]")) {
    const size_t errors = context.faults.errors();
    ReadTemplate(*table, context, &draft.instances);
    if (context.faults.errors() != errors) draft.instances_complete = false;
  }
  FillGroups(draft);
  CrossCheck(draft, context.faults);
  if (context.faults.errors() == 0) Advise(draft, context.faults);
  if (context.faults.errors() == 0 && host != nullptr) CheckHost(draft, *host, context.faults);
  return Assemble(std::move(draft));
}

}  // namespace
}  // namespace config_internal

LoadResult LoadConfig(absl::string_view toml, const std::string& file, const SecretReader& read_secret,
                      const HostFacts* host) {
  using namespace config_internal;
  Faults faults(file);
  LoadResult result;
  std::variant<Node, SyntaxError> document = ParseToml(toml);
  if (const auto* error = std::get_if<SyntaxError>(&document)) {
    const SyntaxError fault = RecogniseForeignFile(toml).value_or(*error);
    faults.Error(fault.at, fault.message);
  } else {
    Node& root = *std::get_if<Node>(&document);
    const size_t slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash + 1);
    result.config = ReadRoot(root, faults, read_secret, folder, host);
    WipeTexts(root);
  }
  result.errors = faults.TakeErrors();
  result.warnings = faults.TakeWarnings();
  if (!result.errors.empty()) result.config = Config();  // a configuration is never applied in part
  return result;
}

}  // namespace dpvrrp
