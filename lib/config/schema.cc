// SPDX-License-Identifier: BSD-3-Clause
#include "config/schema.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kText = "a string";
constexpr absl::string_view kNumber = "an integer";
constexpr absl::string_view kSwitch = "true or false";
constexpr absl::string_view kMoment = "a date and time with its offset, such as 2026-12-01T00:00:00Z";
constexpr absl::string_view kTime = "a duration such as \"100ms\", or whole seconds";

constexpr absl::string_view kProgram = "a string, or a list of strings";

constexpr KeyRule kRootKeys[] = {
    {"daemon", kTable, "a table: write [daemon]"},
    {"garp", kTable, "a table: write [garp]"},
    {"metrics", kTable, "a table: write [metrics]"},
    {"port", kArray, "a list of tables: write [[port]]"},
    {"keyring", kArray, "a list of tables: write [[keyring]]"},
    {"block", kArray, "a list of tables: write [[block]]"},
    {"instance", kArray, "a list of tables: write [[instance]]"},
    {"template", kArray, "a list of tables: write [[template]]"},
    {"scripts", kTable, "a table: write [scripts]"},
    {"track", kArray, "a list of tables: write [[track]]"},
    {"group", kArray, "a list of tables: write [[group]]"},
};

constexpr KeyRule kDaemonKeys[] = {
    {"control_socket", kString, kText},
    {"read_only_socket", kString, kText},
    {"state_directory", kString, kText},
    {"main_lcore", kInteger, kNumber},
    {"lcores", kArray, "a list of integers"},
    {"idle", kString, kText},
    {"idle_sleep", kDuration, kTime},
    {"user", kString, kText},
    {"control_group", kString, kText},
    {"lock_memory", kBoolean, kSwitch},
    {"seccomp", kBoolean, kSwitch},
    {"scheduling", kString, kText},
    {"scheduling_priority", kInteger, kNumber},
    {"events", kInteger, kNumber},
};

constexpr KeyRule kGarpKeys[] = {
    {"interval", kDuration, kTime},
    {"repeats", kArray, "a list of durations"},
    {"refresh", kDuration, kTime},
    {"correction_interval", kDuration, kTime},
};

constexpr KeyRule kMetricsKeys[] = {
    {"listen", kString, kText},
    {"socket", kString, kText},
    {"per_instance", kBoolean, kSwitch},
};

constexpr KeyRule kPortKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"device", kString, kText, Presence::kRequired},
    {"lcores", kArray, "a list of integers"},
    {"kernel", kString, kText},
    {"twin", kString, kText},
};

constexpr KeyRule kKeyringKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"sign", kInteger, kNumber},
    {"allow_weak_keys", kBoolean, kSwitch},
    {"key", kArray, "a list of tables: write [[keyring.key]]", Presence::kRequired},
};

constexpr KeyRule kKeyringKeyKeys[] = {
    {"id", kInteger, kNumber, Presence::kRequired},
    {"key", kString, kText},
    {"key_hex", kString, kText},
    {"key_file", kString, kText},
    {"not_before", kDateTime, kMoment},
    {"not_after", kDateTime, kMoment},
};

constexpr KeyRule kBlockKeys[] = {
    {"address", kString, kText},
    {"mac", kString, kText},
    {"port", kString, kText},
};

constexpr KeyRule kInstanceKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"port", kString, kText, Presence::kRequired},
    {"vlan", kArray, "a list of integers"},
    {"version", kInteger, kNumber},
    {"vrid", kInteger, kNumber, Presence::kRequired},
    {"priority", kInteger, kNumber},
    {"advertisement_interval", kDuration, kTime},
    {"preempt", kBoolean, kSwitch},
    {"preempt_delay", kDuration, kTime},
    {"startup_delay", kDuration, kTime},
    {"down_timer_adverts", kInteger, kNumber},
    {"max_learned_interval", kDuration, kTime},
    {"lower_prio_no_advert", kBoolean, kSwitch},
    {"higher_prio_send_advert", kBoolean, kSwitch},
    {"checksum", kString, kText},
    {"v2_coexistence", kBoolean, kSwitch},
    {"strict", kBoolean, kSwitch},
    {"source_address", kString, kText, Presence::kRequired},
    {"source_mac", kString, kText},
    {"group", kString, kText},
    {"unicast_peers", kArray, "a list of addresses"},
    {"unicast_ttl", kInteger, kNumber},
    {"allowed_senders", kArray, "a list of addresses"},
    {"virtual_addresses", kArray, "a list of addresses", Presence::kRequired},
    {"excluded_addresses", kArray, "a list of addresses"},
    {"virtual_routes", kArray, "a list of tables"},
    {"virtual_rules", kArray, "a list of tables"},
    {"responder", kBoolean, kSwitch},
    {"accept", kBoolean, kSwitch},
    {"address_loss", kString, kText},
    {"use_as_source", kBoolean, kSwitch},
    {"authentication", kTable, "a table: write [instance.authentication]"},
    {"track", kArray, "a list of names and tables"},
    {"notify", kCommand, kProgram},
    {"notify_master", kCommand, kProgram},
    {"notify_backup", kCommand, kProgram},
    {"notify_fault", kCommand, kProgram},
    {"notify_stop", kCommand, kProgram},
};

constexpr KeyRule kTemplateKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"port", kString, kText, Presence::kRequired},
    {"vlan", kArray, "a list of integers and ranges"},
    {"version", kInteger, kNumber},
    {"vrid", kNumbers, "an integer or ranges such as \"1-250\"", Presence::kRequired},
    {"priority", kInteger, kNumber},
    {"advertisement_interval", kDuration, kTime},
    {"preempt", kBoolean, kSwitch},
    {"preempt_delay", kDuration, kTime},
    {"startup_delay", kDuration, kTime},
    {"down_timer_adverts", kInteger, kNumber},
    {"max_learned_interval", kDuration, kTime},
    {"lower_prio_no_advert", kBoolean, kSwitch},
    {"higher_prio_send_advert", kBoolean, kSwitch},
    {"checksum", kString, kText},
    {"v2_coexistence", kBoolean, kSwitch},
    {"strict", kBoolean, kSwitch},
    {"source_address", kAddressEntry, "a string or a table", Presence::kRequired},
    {"source_mac", kString, kText},
    {"group", kString, kText},
    {"unicast_peers", kArray, "a list of addresses"},
    {"unicast_ttl", kInteger, kNumber},
    {"allowed_senders", kArray, "a list of addresses"},
    {"virtual_addresses", kArray, "a list of addresses", Presence::kRequired},
    {"excluded_addresses", kArray, "a list of addresses"},
    {"virtual_routes", kArray, "a list of tables"},
    {"virtual_rules", kArray, "a list of tables"},
    {"responder", kBoolean, kSwitch},
    {"accept", kBoolean, kSwitch},
    {"address_loss", kString, kText},
    {"use_as_source", kBoolean, kSwitch},
    {"authentication", kTable, "a table: write [template.authentication]"},
    {"track", kArray, "a list of names and tables"},
    {"notify", kCommand, kProgram},
    {"notify_master", kCommand, kProgram},
    {"notify_backup", kCommand, kProgram},
    {"notify_fault", kCommand, kProgram},
    {"notify_stop", kCommand, kProgram},
};

constexpr KeyRule kTemplateAddressKeys[] = {
    {"address", kString, kText, Presence::kRequired},
    {"per_vlan", kString, kText},
    {"per_inner_vlan", kString, kText},
    {"per_vrid", kString, kText},
    {"device", kString, kText},
    {"label", kString, kText},
    {"scope", kNumbers, "a word or an integer"},
};

constexpr KeyRule kAuthenticationKeys[] = {
    {"type", kString, kText, Presence::kRequired},
    {"algorithm", kString, kText},
    {"icv_rule", kString, kText},
    {"spi", kInteger, kNumber},
    {"replay_window", kInteger, kNumber},
    {"restart_policy", kString, kText},
    {"mode", kString, kText},
    {"anti_replay", kString, kText},
    {"time_window", kDuration, kTime},
    {"key", kString, kText},
    {"key_hex", kString, kText},
    {"key_file", kString, kText},
    {"keyring", kString, kText},
    {"allow_weak_keys", kBoolean, kSwitch},
    {"password", kString, kText},
    {"password_file", kString, kText},
};

constexpr KeyRule kVirtualAddressKeys[] = {
    {"address", kString, kText, Presence::kRequired},
    {"device", kString, kText},
    {"label", kString, kText},
    {"scope", kNumbers, "a word or an integer"},
};

constexpr KeyRule kVirtualRouteKeys[] = {
    {"to", kString, kText, Presence::kRequired},
    {"via", kString, kText},
    {"device", kString, kText},
    {"src", kString, kText},
    {"table", kInteger, kNumber},
    {"metric", kInteger, kNumber},
};

constexpr KeyRule kVirtualRuleKeys[] = {
    {"from", kString, kText},
    {"to", kString, kText},
    {"iif", kString, kText},
    {"family", kString, kText},
    {"table", kInteger, kNumber, Presence::kRequired},
    {"priority", kInteger, kNumber},
};

// Routes and rules of a [[template]] have the same keys. These values may be tables of steps.
constexpr absl::string_view kAddressOrSteps = "a string or a table";
constexpr absl::string_view kNumberOrSteps = "an integer or a table";

constexpr KeyRule kTemplateRouteKeys[] = {
    {"to", kAddressEntry, kAddressOrSteps, Presence::kRequired},
    {"via", kAddressEntry, kAddressOrSteps},
    {"device", kString, kText},
    {"src", kAddressEntry, kAddressOrSteps},
    {"table", kNumberEntry, kNumberOrSteps},
    {"metric", kInteger, kNumber},
};

constexpr KeyRule kTemplateRuleKeys[] = {
    {"from", kAddressEntry, kAddressOrSteps},
    {"to", kAddressEntry, kAddressOrSteps},
    {"iif", kString, kText},
    {"family", kString, kText},
    {"table", kNumberEntry, kNumberOrSteps, Presence::kRequired},
    {"priority", kNumberEntry, kNumberOrSteps},
};

constexpr KeyRule kTemplateNumberKeys[] = {
    {"number", kInteger, kNumber, Presence::kRequired},
    {"per_vlan", kInteger, kNumber},
    {"per_inner_vlan", kInteger, kNumber},
    {"per_vrid", kInteger, kNumber},
};

constexpr KeyRule kUnicastPeerKeys[] = {
    {"address", kString, kText, Presence::kRequired},
    {"next_hop", kString, kText},
    {"min_ttl", kInteger, kNumber},
    {"max_ttl", kInteger, kNumber},
};

constexpr KeyRule kScriptsKeys[] = {
    {"user", kString, kText},      {"timeout", kDuration, kTime}, {"fifo", kString, kText},
    {"start", kCommand, kProgram}, {"stop", kCommand, kProgram},
};

constexpr KeyRule kTrackKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"kind", kString, kText, Presence::kRequired},
    {"command", kCommand, kProgram},
    {"interval", kDuration, kTime},
    {"timeout", kDuration, kTime},
    {"rise", kInteger, kNumber},
    {"fall", kInteger, kNumber},
    {"user", kString, kText},
    {"initial", kString, kText},
    {"interface", kString, kText},
    {"address", kString, kText},
    {"port", kString, kText},
    {"instance", kString, kText},
    {"state", kString, kText},
    {"up_delay", kDuration, kTime},
    {"down_delay", kDuration, kTime},
};

constexpr KeyRule kTrackUseKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"weight", kInteger, kNumber},
    {"reverse", kBoolean, kSwitch},
};

constexpr KeyRule kGroupKeys[] = {
    {"name", kString, kText, Presence::kRequired},
    {"kind", kString, kText},
    {"leader", kString, kText},
    {"members", kArray, "a list of names"},
    {"pattern", kString, kText},
    {"track", kArray, "a list of names and tables"},
    {"notify", kCommand, kProgram},
    {"notify_master", kCommand, kProgram},
    {"notify_backup", kCommand, kProgram},
    {"notify_fault", kCommand, kProgram},
    {"notify_stop", kCommand, kProgram},
};

}  // namespace

constexpr TableRule kRootRule{"the file", kRootKeys};
constexpr TableRule kDaemonRule{"[daemon]", kDaemonKeys};
constexpr TableRule kGarpRule{"[garp]", kGarpKeys};
constexpr TableRule kMetricsRule{"[metrics]", kMetricsKeys};
constexpr TableRule kPortRule{"[[port]]", kPortKeys};
constexpr TableRule kKeyringRule{"[[keyring]]", kKeyringKeys};
constexpr TableRule kKeyringKeyRule{"[[keyring.key]]", kKeyringKeyKeys};
constexpr TableRule kBlockRule{"[[block]]", kBlockKeys};
constexpr TableRule kInstanceRule{"[[instance]]", kInstanceKeys};
constexpr TableRule kTemplateRule{"[[template]]", kTemplateKeys};
constexpr TableRule kTemplateAddressRule{"addresses of a [[template]]", kTemplateAddressKeys};
constexpr TableRule kAuthenticationRule{"[instance.authentication]", kAuthenticationKeys};
constexpr TableRule kTemplateAuthenticationRule{"[template.authentication]", kAuthenticationKeys};
constexpr TableRule kVirtualAddressRule{"virtual_addresses", kVirtualAddressKeys};
constexpr TableRule kVirtualRouteRule{"virtual_routes", kVirtualRouteKeys};
constexpr TableRule kVirtualRuleRule{"virtual_rules", kVirtualRuleKeys};
constexpr TableRule kTemplateRouteRule{"virtual_routes", kTemplateRouteKeys};
constexpr TableRule kTemplateRuleRule{"virtual_rules", kTemplateRuleKeys};
constexpr TableRule kTemplateNumberRule{"numbers of a [[template]]", kTemplateNumberKeys};
constexpr TableRule kUnicastPeerRule{"unicast_peers", kUnicastPeerKeys};
constexpr TableRule kScriptsRule{"[scripts]", kScriptsKeys};
constexpr TableRule kTrackRule{"[[track]]", kTrackKeys};
constexpr TableRule kTrackUseRule{"track", kTrackUseKeys};
constexpr TableRule kGroupRule{"[[group]]", kGroupKeys};

std::span<const TableRule* const> AllTableRules() {
  static constexpr const TableRule* kAll[] = {&kRootRule,           &kDaemonRule,         &kGarpRule,
                                              &kPortRule,           &kKeyringRule,        &kKeyringKeyRule,
                                              &kInstanceRule,       &kTemplateRule,       &kTemplateAddressRule,
                                              &kAuthenticationRule, &kVirtualAddressRule, &kUnicastPeerRule,
                                              &kBlockRule,          &kScriptsRule,        &kTrackRule,
                                              &kTrackUseRule,       &kGroupRule,          &kVirtualRouteRule,
                                              &kVirtualRuleRule,    &kTemplateNumberRule, &kMetricsRule};
  return kAll;
}

// In the order of Node::value's alternatives.
ValueTypes TypeOf(const Node& node) {
  static constexpr ValueTypes kTypes[] = {kOtherType, kString, kInteger, kBoolean, kArray, kTable, kDateTime};
  return kTypes[node.value.index()];
}

absl::string_view TypeName(const Node& node) {
  static constexpr absl::string_view kNames[] = {
      "a float, date or time", "a string", "an integer", "a boolean", "a list", "a table", "a date and time"};
  return kNames[node.value.index()];
}

}  // namespace dpvrrp::config_internal
