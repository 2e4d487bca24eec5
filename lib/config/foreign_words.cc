// SPDX-License-Identifier: BSD-3-Clause
#include "config/foreign_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kKeepalived = "keepalived";
constexpr absl::string_view kFrr = "FRR";
constexpr absl::string_view kJuniper = "Junos";
constexpr absl::string_view kCisco = "IOS";
constexpr absl::string_view kVyos = "VyOS";
constexpr absl::string_view kCarp = "CARP";

constexpr absl::string_view kScriptTrack = "is track here, which names a [[track]] with kind = \"script\"";
constexpr absl::string_view kInterfaceTrack = "is track here, which names a [[track]] with kind = \"interface\"";
constexpr absl::string_view kNoFile = "has no equivalent: a [[track]] with kind = \"script\" can read a file";
constexpr absl::string_view kNoProcess =
    "has no equivalent: a [[track]] with kind = \"script\" can look for a process: /usr/bin/pgrep -x NAME";
constexpr absl::string_view kNoBfd = "has no equivalent: a [[track]] with kind = \"manual\" can be set by a BFD daemon";
constexpr absl::string_view kNoLinkbeat = "has no equivalent: the kernel reports every link";
constexpr absl::string_view kEventsShowIt = "has no equivalent: dpvrrpctl show events --follow prints it";
constexpr absl::string_view kFifo = "is fifo in [scripts] here";
constexpr absl::string_view kNoFifoReader = "has no equivalent: the reader of fifo in [scripts] runs by itself";
constexpr absl::string_view kNoMail = "has no equivalent: dpvrrpd sends no mail";
constexpr absl::string_view kGroupTracks = "has no equivalent: a [[group]] may have tracks, with weights and without";
constexpr absl::string_view kNoSnmp = "has no equivalent: SNMP is not supported; dpvrrpctl --json prints every figure";
constexpr absl::string_view kNoDbus = "has no equivalent: D-Bus is not supported; dpvrrpctl uses a Unix socket";
constexpr absl::string_view kNoBalancer = "has no equivalent: dpvrrpd is no load balancer";
constexpr absl::string_view kNoSockets = "has no equivalent: adverts do not pass through kernel sockets";
constexpr absl::string_view kNoStatic = "has no equivalent: configure it on the host itself";
constexpr absl::string_view kInstance = "is [[instance]] here";
constexpr absl::string_view kVrid = "is vrid here";
constexpr absl::string_view kInterval = "is advertisement_interval here";
constexpr absl::string_view kAddresses = "is virtual_addresses here";
constexpr absl::string_view kSource = "is source_address here";
constexpr absl::string_view kNoPreempt = "is preempt = false here";
constexpr absl::string_view kVirtualMac = "is source_mac = \"virtual\" here";
constexpr absl::string_view kRepeats = "is repeats in [garp] here, such as repeats = [\"5s\"]";
constexpr absl::string_view kNoRepeat = "has no equivalent: repeats in [garp] has one entry for each announcement";
constexpr absl::string_view kRefresh = "is refresh in [garp] here";
constexpr absl::string_view kPace = "is interval in [garp] here";
constexpr absl::string_view kNoLower =
    "has no equivalent: when a master announces its addresses is set in [garp], for all instances";
constexpr absl::string_view kOutlet =
    "has no equivalent: an address is announced on its device, or on the port of its instance";
constexpr absl::string_view kOwnerIgnores =
    "has no equivalent: an owner (priority 255) always ignores the adverts of others";
constexpr absl::string_view kPeerCheck =
    "has no equivalent: adverts from addresses outside unicast_peers are always dropped";
constexpr absl::string_view kListCheck =
    "has no equivalent: a VRRPv2 advert with other addresses is dropped, a VRRPv3 advert is obeyed with a remark";
constexpr absl::string_view kCpus =
    "has no equivalent: adverts are handled on dedicated CPUs, see main_lcore and lcores in [daemon]";
constexpr absl::string_view kNoTable = "has no equivalent: dpvrrpd makes no firewall rules; see accept and source_mac";
constexpr absl::string_view kNoDump = "has no equivalent: dpvrrpctl shows the running state";
constexpr absl::string_view kNoReloadFile =
    "has no equivalent: dpvrrpctl reload checks the file and then applies or refuses it";
constexpr absl::string_view kNamespace = "has no equivalent: start dpvrrpd inside the namespace (ip netns exec)";
constexpr absl::string_view kSecret =
    "is key (type \"ah\") or password (type \"simple\") in [instance.authentication] here";
constexpr absl::string_view kAuthType =
    "is type in [instance.authentication] here: \"simple\" for a password, or \"ah\"";

constexpr ForeignWord kForeignWords[] = {
    // Blocks of keepalived.conf.
    {"global_defs", kKeepalived, "is [daemon] and [garp] here"},
    {"vrrp_instance", kKeepalived, kInstance},
    {"vrrp_sync_group", kKeepalived, "is [[group]] here"},
    {"vrrp_script", kKeepalived, "is [[track]] with kind = \"script\" here"},
    {"vrrp_track_file", kKeepalived, kNoFile},
    {"vrrp_track_process", kKeepalived, kNoProcess},
    {"bfd_instance", kKeepalived, kNoBfd},
    {"track_group", kKeepalived, kNoStatic},
    {"garp_group", kKeepalived, "has no equivalent: [garp] is for all ports"},
    {"static_ipaddress", kKeepalived, kNoStatic},
    {"static_routes", kKeepalived, kNoStatic},
    {"static_rules", kKeepalived, kNoStatic},
    {"interface_up_down_delays", kKeepalived, "is up_delay and down_delay of a [[track]] here"},
    {"linkbeat_interfaces", kKeepalived, kNoLinkbeat},
    {"virtual_server", kKeepalived, kNoBalancer},
    {"virtual_server_group", kKeepalived, kNoBalancer},
    {"real_server", kKeepalived, kNoBalancer},

    // vrrp_script.
    {"script", kKeepalived, "is command of a [[track]] here"},
    {"init_fail", kKeepalived, "is initial = \"down\" of a [[track]] here"},

    // vrrp_instance.
    {"state", kKeepalived, "has no equivalent: there is no initial state, priority decides"},
    {"interface", kKeepalived,
     "is the device of a [[port]], such as \"net_af_packet0,iface=eth0\", and the device of a virtual address here"},
    {"vrf", kKeepalived, "has no equivalent: a [[port]] belongs to no VRF"},
    {"virtual_router_id", kKeepalived, kVrid},
    {"advert_int", kKeepalived, kInterval},
    {"auth_type", kKeepalived, kAuthType},
    {"auth_pass", kKeepalived, kSecret},
    {"auth_hmac", kKeepalived, "is [instance.authentication] with type = \"auth-hmac\" here"},
    {"active_key", kKeepalived, "is sign of a [[keyring]] here"},
    {"virtual_ipaddress", kKeepalived, kAddresses},
    {"virtual_ipaddress_excluded", kKeepalived, "is excluded_addresses here"},
    {"no_virtual_ipaddress", kKeepalived, "has no equivalent: an instance needs at least one virtual address"},
    {"promote_secondaries", kKeepalived, "has no equivalent: it is always set on devices of virtual addresses"},
    {"nopreempt", kKeepalived, kNoPreempt},
    {"mcast_src_ip", kKeepalived, kSource},
    {"unicast_src_ip", kKeepalived, kSource},
    {"track_src_ip", kKeepalived, "is [[track]] with kind = \"interface\" and address here"},
    {"mcast_dst_ip", kKeepalived, "is group here"},
    {"unicast_peer", kKeepalived, "is unicast_peers here"},
    {"unicast_fault_no_peer", kKeepalived, "has no equivalent: an empty list of unicast_peers is an error"},
    {"check_unicast_src", kKeepalived, kPeerCheck},
    {"old_unicast_checksum", kKeepalived, "has no equivalent: see checksum"},
    {"v3_checksum_as_v2", kKeepalived, "is checksum = \"rfc9568\" here"},
    {"use_vmac", kKeepalived, kVirtualMac},
    {"use_vmac_addr", kKeepalived, kVirtualMac},
    {"vmac_xmit_base", kKeepalived, "has no equivalent: adverts are always sent on the [[port]]"},
    {"use_ipvlan", kKeepalived, "has no equivalent: see source_mac"},
    {"native_ipv6", kKeepalived, "has no equivalent: the family is that of source_address"},
    {"dont_track_primary", kKeepalived, "has no equivalent: an instance always follows the link of its port"},
    {"track_interface", kKeepalived, kInterfaceTrack},
    {"track_script", kKeepalived, kScriptTrack},
    {"track_file", kKeepalived, kNoFile},
    {"track_process", kKeepalived, kNoProcess},
    {"track_bfd", kKeepalived, kNoBfd},
    {"skip_check_adv_addr", kKeepalived, kListCheck},
    {"strict_mode", kKeepalived, "is strict here"},
    {"no_accept", kKeepalived, "is accept = false here"},
    {"garp_master_delay", kKeepalived, kRepeats},
    {"garp_master_repeat", kKeepalived, kNoRepeat},
    {"garp_lower_prio_delay", kKeepalived, kNoLower},
    {"garp_lower_prio_repeat", kKeepalived, kNoLower},
    {"garp_master_refresh", kKeepalived, kRefresh},
    {"garp_master_refresh_repeat", kKeepalived, kNoRepeat},
    {"garp_extra_if", kKeepalived, kOutlet},
    {"garp_interval", kKeepalived, kPace},
    {"gna_interval", kKeepalived, kPace},
    {"timer_expired_backup", kKeepalived, "has no equivalent: timers run on an lcore"},
    {"thread_timer_expired", kKeepalived, "has no equivalent: timers run on an lcore"},
    {"owner_ignore_adverts", kKeepalived, kOwnerIgnores},
    {"kernel_rx_buf_size", kKeepalived, kNoSockets},
    {"linkbeat_use_polling", kKeepalived, kNoLinkbeat},
    {"lvs_sync_daemon_interface", kKeepalived, kNoBalancer},
    {"debug", kKeepalived, "has no equivalent: see dpvrrpctl show drops and show events"},
    {"notify_deleted", kKeepalived, kEventsShowIt},
    {"notify_master_rx_lower_pri", kKeepalived, kEventsShowIt},
    {"notify_priority_changes", kKeepalived, kEventsShowIt},
    {"smtp_alert", kKeepalived, kNoMail},
    {"global_tracking", kKeepalived, kGroupTracks},
    {"sync_group_tracking_weight", kKeepalived, kGroupTracks},
    {"sync_group", kKeepalived, "is [[group]] here"},

    // global_defs.
    {"router_id", kKeepalived, "has no equivalent: an instance is known by its name"},
    {"vrrp_version", kKeepalived, "is version of each [[instance]] here"},
    {"vrrp_mcast_group4", kKeepalived, "is group of each [[instance]] here"},
    {"vrrp_mcast_group6", kKeepalived, "is group of each [[instance]] here"},
    {"vrrp_garp_master_delay", kKeepalived, kRepeats},
    {"vrrp_garp_master_repeat", kKeepalived, kNoRepeat},
    {"vrrp_garp_master_refresh", kKeepalived, kRefresh},
    {"vrrp_garp_master_refresh_repeat", kKeepalived, kNoRepeat},
    {"vrrp_garp_lower_prio_delay", kKeepalived, kNoLower},
    {"vrrp_garp_lower_prio_repeat", kKeepalived, kNoLower},
    {"vrrp_garp_interval", kKeepalived, kPace},
    {"vrrp_gna_interval", kKeepalived, kPace},
    {"vrrp_min_garp", kKeepalived, "is repeats = [] in [garp] here"},
    {"vrrp_garp_extra_if", kKeepalived, kOutlet},
    {"vrrp_down_timer_adverts", kKeepalived, "is down_timer_adverts of each [[instance]] here"},
    {"vrrp_lower_prio_no_advert", kKeepalived, "is lower_prio_no_advert of each [[instance]] here"},
    {"vrrp_higher_prio_send_advert", kKeepalived, "is higher_prio_send_advert of each [[instance]] here"},
    {"vrrp_owner_ignore_adverts", kKeepalived, kOwnerIgnores},
    {"vrrp_check_unicast_src", kKeepalived, kPeerCheck},
    {"vrrp_skip_check_adv_addr", kKeepalived, kListCheck},
    {"vrrp_strict", kKeepalived, "is strict of each [[instance]] here"},
    {"vrrp_startup_delay", kKeepalived, "is startup_delay of each [[instance]] here"},
    {"vrrp_delay_after_boot", kKeepalived, "has no equivalent: see startup_delay of an [[instance]]"},
    {"log_unknown_vrids", kKeepalived, "has no equivalent: dpvrrpctl show senders lists them"},
    {"dynamic_interfaces", kKeepalived, "has no equivalent: a device may always appear later"},
    {"default_interface", kKeepalived, kNoStatic},
    {"disable_local_igmp", kKeepalived, "has no equivalent: see responder"},
    {"vmac_prefix", kKeepalived, "has no equivalent: virtual-MAC devices are called vrrp.IFINDEX.VRID"},
    {"vmac_addr_prefix", kKeepalived, "has no equivalent: virtual-MAC devices are called vrrp.IFINDEX.VRID"},
    {"nftables", kKeepalived, kNoTable},
    {"vrrp_iptables", kKeepalived, kNoTable},
    {"vrrp_ipsets", kKeepalived, kNoTable},
    {"notify_fifo", kKeepalived, kFifo},
    {"notify_fifo_script", kKeepalived, kNoFifoReader},
    {"vrrp_notify_fifo_script", kKeepalived, kNoFifoReader},
    {"vrrp_notify_fifo", kKeepalived, kFifo},
    {"vrrp_notify_priority_changes", kKeepalived, kEventsShowIt},
    {"notification_email", kKeepalived, kNoMail},
    {"notification_email_from", kKeepalived, kNoMail},
    {"smtp_server", kKeepalived, kNoMail},
    {"smtp_connect_timeout", kKeepalived, kNoMail},
    {"smtp_helo_name", kKeepalived, kNoMail},
    {"startup_script", kKeepalived, "is start in [scripts] here"},
    {"shutdown_script", kKeepalived, "is stop in [scripts] here"},
    {"script_user", kKeepalived, "is user in [scripts] here"},
    {"enable_script_security", kKeepalived, "has no equivalent: dpvrrpd --check-config warns of unsafe programs"},
    {"vrrp_priority", kKeepalived, kCpus},
    {"vrrp_rt_priority", kKeepalived, kCpus},
    {"vrrp_cpu_affinity", kKeepalived, "is main_lcore and lcores in [daemon] here"},
    {"vrrp_no_swap", kKeepalived, "is lock_memory in [daemon] here"},
    {"vrrp_rlimit_rttime", kKeepalived, kCpus},
    {"max_auto_priority", kKeepalived, kCpus},
    {"min_auto_priority_delay", kKeepalived, kCpus},
    {"vrrp_netlink_cmd_rcv_bufs", kKeepalived, "has no equivalent: the netlink buffers are large enough"},
    {"vrrp_netlink_monitor_rcv_bufs", kKeepalived, "has no equivalent: the netlink buffers are large enough"},
    {"vrrp_rx_bufs_policy", kKeepalived, kNoSockets},
    {"vrrp_rx_bufs_multiplier", kKeepalived, kNoSockets},
    {"enable_snmp_vrrp", kKeepalived, kNoSnmp},
    {"enable_snmp_rfc", kKeepalived, kNoSnmp},
    {"enable_snmp_rfcv2", kKeepalived, kNoSnmp},
    {"enable_snmp_rfcv3", kKeepalived, kNoSnmp},
    {"enable_traps", kKeepalived, kNoSnmp},
    {"snmp_socket", kKeepalived, kNoSnmp},
    {"enable_dbus", kKeepalived, kNoDbus},
    {"dbus_service_name", kKeepalived, kNoDbus},
    {"json_version", kKeepalived, kNoDump},
    {"state_dump_file", kKeepalived, kNoDump},
    {"stats_dump_file", kKeepalived, kNoDump},
    {"json_dump_file", kKeepalived, kNoDump},
    {"data_use_instance", kKeepalived, kNoDump},
    {"reload_check_config", kKeepalived, kNoReloadFile},
    {"reload_time_file", kKeepalived, kNoReloadFile},
    {"reload_file", kKeepalived, kNoReloadFile},
    {"config_save_dir", kKeepalived, kNoReloadFile},
    {"include", kKeepalived, "has no equivalent: the configuration is one file"},
    {"net_namespace", kKeepalived, kNamespace},
    {"use_pid_dir", kKeepalived, "has no equivalent: there is no pid file; see control_socket in [daemon]"},
    {"lvs_sync_daemon", kKeepalived, kNoBalancer},

    // Routers and other daemons.
    {"vrrp", kFrr, kInstance},
    {"checksum_with_ipv4_pseudoheader", kFrr, "is checksum = \"rfc5798\" or \"rfc9568\" here"},
    {"autoconfigure", kFrr, "has no equivalent: write each [[instance]]"},
    {"shutdown", kFrr, "has no equivalent: remove the [[instance]]"},
    {"vrrp_group", kJuniper, kInstance},
    {"virtual_address", kJuniper, kAddresses},
    {"virtual_inet6_address", kJuniper, kAddresses},
    {"virtual_link_local_address", kJuniper, "is the first of virtual_addresses here"},
    {"advertise_interval", kJuniper, kInterval},
    {"inet6_advertise_interval", kJuniper, kInterval},
    {"fast_interval", kJuniper, "is advertisement_interval, such as \"100ms\", with version = 3 here"},
    {"accept_data", kJuniper, "is accept here"},
    {"no_accept_data", kJuniper, "is accept = false here"},
    {"no_preempt", kJuniper, kNoPreempt},
    {"hold_time", kJuniper, "is preempt_delay here"},
    {"authentication_type", kJuniper, kAuthType},
    {"authentication_key", kJuniper, kSecret},
    {"standby", kCisco, "is HSRP, which is not supported; vrrp is [[instance]] here"},
    {"timers", kCisco, kInterval},
    {"key_string", kCisco, kSecret},
    {"hello_source_address", kVyos, kSource},
    {"peer_address", kVyos, "is unicast_peers here"},
    {"excluded_address", kVyos, "is excluded_addresses here"},
    {"rfc3768_compatibility", kVyos, kVirtualMac},
    {"health_check", kVyos, kScriptTrack},
    {"transition_script", kVyos, "is notify_master, notify_backup, notify_fault and notify_stop here"},
    {"vhid", kCarp, kVrid},
    {"advbase", kCarp, kInterval},
    {"advskew", kCarp, "is priority here, and the highest priority wins"},
};

std::string Underscored(absl::string_view word) { return absl::StrReplaceAll(word, {{"-", "_"}}); }

}  // namespace

std::span<const ForeignWord> AllForeignWords() { return kForeignWords; }

std::string ForeignWordAdvice(absl::string_view word) {
  const std::string wanted = Underscored(word);
  const auto found = std::find_if(std::begin(kForeignWords), std::end(kForeignWords),
                                  [&](const ForeignWord& candidate) { return candidate.word == wanted; });
  if (found == std::end(kForeignWords)) return "";
  return absl::StrCat(found->program, "'s ", word, " ", found->advice);
}

}  // namespace dpvrrp::config_internal
