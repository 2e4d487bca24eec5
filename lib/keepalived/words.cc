// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/words.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/nearest.h"

namespace dpvrrp::keepalived {
namespace {

constexpr Verdict kTaken = Verdict::kTaken;
constexpr Verdict kChanged = Verdict::kChanged;
constexpr Verdict kDropped = Verdict::kDropped;
constexpr Verdict kMissing = Verdict::kUnsupported;

constexpr absl::string_view kNoMail = "dpvrrpd sends no mail; a notify program can";
constexpr absl::string_view kMailDetail = "without mail it has no effect";
constexpr absl::string_view kBalancer =
    "dpvrrpd is no load balancer; leave it to keepalived, which runs without VRRP as `keepalived --check`";
constexpr absl::string_view kBalancerDetail = "belongs to the load balancer; leave it in keepalived.conf";
constexpr absl::string_view kStatic = "configure it on the host itself, with ifupdown or systemd-networkd";
constexpr absl::string_view kCpu = "dpvrrpd has CPUs of its own and real-time priority; see [daemon]";
constexpr absl::string_view kSockets = "adverts do not pass through kernel sockets";
constexpr absl::string_view kSnmp = "SNMP is not supported; dpvrrpctl --json prints every figure";
constexpr absl::string_view kDbus = "D-Bus is not supported; dpvrrpctl uses a Unix socket";
constexpr absl::string_view kDump = "dpvrrpctl shows the running state";
constexpr absl::string_view kReload = "dpvrrpctl reload checks the file and then applies or refuses it";
constexpr absl::string_view kNetlink = "the netlink buffers are large enough";
constexpr absl::string_view kProcesses = "dpvrrpd has other processes";
constexpr absl::string_view kPid = "there is no pid file";
constexpr absl::string_view kFirewall = "dpvrrpd makes no firewall rules";
constexpr absl::string_view kStrict =
    "without authentication and preempt_delay, which keepalived ignores then; packets to the addresses are accepted "
    "here";
constexpr absl::string_view kOneFrame = "each time of repeats in [garp] is one announcement";
constexpr absl::string_view kCorrects = "a master corrects a wrong claim at once; see correction_interval in [garp]";
constexpr absl::string_view kOutlets = "an address is announced on its own device; refresh in [garp] repeats it";
constexpr absl::string_view kTrackFile =
    "no track reads a file: use a [[track]] with kind = \"manual\" and `dpvrrpctl track set NAME up|down|VALUE`";
constexpr absl::string_view kBfd =
    "dpvrrpd has no BFD: a BFD daemon can set a [[track]] with kind = \"manual\" by `dpvrrpctl track set NAME up|down`";
constexpr absl::string_view kEvent = "`dpvrrpctl show events --follow` prints it";
constexpr absl::string_view kPriorityEvents =
    "the fifo has no lines for changes of the priority; `dpvrrpctl show events` has";
constexpr absl::string_view kLinkbeat = "the kernel reports every link";
constexpr absl::string_view kNamespaces = "start dpvrrpd inside the namespace: ip netns exec NAME dpvrrpd";
constexpr absl::string_view kListChecked = "dpvrrp compares the addresses of every advert";
constexpr absl::string_view kPeersChecked = "only adverts of the peers are accepted, always";

constexpr WordRule kRules[] = {
    // The outermost level.
    {Block::kRoot, "global_defs", kTaken, "", true},
    {Block::kRoot, "vrrp_instance", kTaken, "[[instance]]", true},
    {Block::kRoot, "vrrp_script", kTaken, "[[track]]", true},
    {Block::kRoot, "vrrp_sync_group", kTaken, "[[group]]", true},
    {Block::kRoot, "vrrp_track_process", kChanged, "[[track]] with pgrep", true},
    {Block::kRoot, "track_process", kChanged, "[[track]] with pgrep", true},
    {Block::kRoot, "garp_group", kChanged, "interval in [garp]", true},
    {Block::kRoot, "interface_up_down_delays", kChanged, "up_delay and down_delay of a [[track]]", true},
    {Block::kRoot, "vrrp_track_file", kMissing, kTrackFile},
    {Block::kRoot, "track_file", kMissing, kTrackFile},
    {Block::kRoot, "bfd_instance", kMissing, kBfd},
    {Block::kRoot, "track_group", kMissing, kStatic},
    {Block::kRoot, "static_ipaddress", kMissing, kStatic},
    {Block::kRoot, "static_routes", kMissing, kStatic},
    {Block::kRoot, "static_rules", kMissing, kStatic},
    {Block::kRoot, "linkbeat_interfaces", kDropped, kLinkbeat},
    {Block::kRoot, "linkbeat_use_polling", kDropped, kLinkbeat},
    {Block::kRoot, "virtual_server", kMissing, kBalancer},
    {Block::kRoot, "virtual_server_group", kMissing, kBalancer},
    {Block::kRoot, "SSL", kMissing, kBalancer},
    {Block::kRoot, "net_namespace", kMissing, kNamespaces},
    {Block::kRoot, "net_namespace_ipvs", kDropped, kBalancerDetail},
    {Block::kRoot, "namespace_with_ipsets", kDropped, kFirewall},
    {Block::kRoot, "instance", kDropped, kPid},
    {Block::kRoot, "use_pid_dir", kDropped, kPid},
    {Block::kRoot, "child_wait_time", kDropped, kProcesses},

    // global_defs.
    {Block::kGlobal, "router_id", kDropped, "it names the router in mails; here an instance is known by its name"},
    {Block::kGlobal, "vrrp_version", kTaken, "version of each [[instance]]", true},
    {Block::kGlobal, "vrrp_mcast_group4", kTaken, "group of each [[instance]]", true},
    {Block::kGlobal, "vrrp_mcast_group6", kTaken, "group of each [[instance]]", true},
    {Block::kGlobal, "default_interface", kTaken, "port of an [[instance]] without an interface", true},
    {Block::kGlobal, "script_user", kTaken, "user in [scripts]", true},
    {Block::kGlobal, "enable_script_security", kDropped,
     "dpvrrpd --check-config warns of programs that others can change"},
    {Block::kGlobal, "startup_script", kTaken, "start in [scripts]", true},
    {Block::kGlobal, "shutdown_script", kTaken, "stop in [scripts]", true},
    {Block::kGlobal, "startup_script_timeout", kDropped, "dpvrrpd does not wait for the start program"},
    {Block::kGlobal, "shutdown_script_timeout", kDropped, "the stop program may run for 10 s"},
    {Block::kGlobal, "notify_fifo", kTaken, "fifo in [scripts]", true},
    {Block::kGlobal, "vrrp_notify_fifo", kTaken, "fifo in [scripts]", true},
    {Block::kGlobal, "notify_fifo_script", kMissing,
     "dpvrrpd starts no reader of the fifo: start it as a service of its own"},
    {Block::kGlobal, "vrrp_notify_fifo_script", kMissing,
     "dpvrrpd starts no reader of the fifo: start it as a service of its own"},
    {Block::kGlobal, "fifo_write_vrrp_states_on_reload", kDropped, "a reload changes no state"},
    {Block::kGlobal, "vrrp_notify_priority_changes", kDropped, kPriorityEvents},
    {Block::kGlobal, "vrrp_garp_master_delay", kTaken, "repeats in [garp]", true},
    {Block::kGlobal, "vrrp_garp_master_repeat", kDropped, kOneFrame},
    {Block::kGlobal, "vrrp_garp_master_refresh", kTaken, "refresh in [garp]", true},
    {Block::kGlobal, "vrrp_garp_master_refresh_repeat", kDropped, kOneFrame},
    {Block::kGlobal, "vrrp_garp_lower_prio_delay", kDropped, kCorrects},
    {Block::kGlobal, "vrrp_garp_lower_prio_repeat", kDropped, kCorrects},
    {Block::kGlobal, "vrrp_garp_interval", kTaken, "interval in [garp]", true},
    {Block::kGlobal, "vrrp_gna_interval", kTaken, "interval in [garp]", true},
    {Block::kGlobal, "vrrp_min_garp", kTaken, "repeats = [] in [garp]", true},
    {Block::kGlobal, "vrrp_garp_extra_if", kDropped, kOutlets},
    {Block::kGlobal, "vrrp_down_timer_adverts", kTaken, "down_timer_adverts of each [[instance]]", true},
    {Block::kGlobal, "vrrp_lower_prio_no_advert", kTaken, "lower_prio_no_advert of each [[instance]]", true},
    {Block::kGlobal, "vrrp_higher_prio_send_advert", kTaken, "higher_prio_send_advert of each [[instance]]", true},
    {Block::kGlobal, "vrrp_owner_ignore_adverts", kDropped,
     "an owner (priority 255) always ignores the adverts of others"},
    {Block::kGlobal, "v3_checksum_as_v2", kTaken, "checksum of each [[instance]]", true},
    {Block::kGlobal, "vrrp_startup_delay", kTaken, "startup_delay of each [[instance]]", true},
    {Block::kGlobal, "vrrp_delay_after_boot", kMissing,
     "startup_delay of an [[instance]] counts from the start of dpvrrpd"},
    {Block::kGlobal, "vrrp_strict", kChanged, kStrict, true},
    {Block::kGlobal, "vrrp_check_unicast_src", kDropped, kPeersChecked},
    {Block::kGlobal, "vrrp_skip_check_adv_addr", kDropped, kListChecked},
    {Block::kGlobal, "dynamic_interfaces", kDropped, "an interface may always appear later"},
    {Block::kGlobal, "log_unknown_vrids", kDropped, "`dpvrrpctl show senders` lists them"},
    {Block::kGlobal, "disable_local_igmp", kDropped, "dpvrrpd answers membership queries itself"},
    {Block::kGlobal, "vmac_prefix", kDropped, "virtual-MAC devices are called vrrp.IFINDEX.VRID"},
    {Block::kGlobal, "vmac_addr_prefix", kDropped, "virtual-MAC devices are called vrrp.IFINDEX.VRID"},
    {Block::kGlobal, "nftables", kDropped, kFirewall},
    {Block::kGlobal, "nftables_priority", kDropped, kFirewall},
    {Block::kGlobal, "nftables_counters", kDropped, kFirewall},
    {Block::kGlobal, "nftables_ifindex", kDropped, kFirewall},
    {Block::kGlobal, "nftables_ipvs", kDropped, kBalancerDetail},
    {Block::kGlobal, "nftables_ipvs_priority", kDropped, kBalancerDetail},
    {Block::kGlobal, "nftables_ipvs_start_fwmark", kDropped, kBalancerDetail},
    {Block::kGlobal, "vrrp_iptables", kDropped, kFirewall},
    {Block::kGlobal, "vrrp_ipsets", kDropped, kFirewall},
    {Block::kGlobal, "notification_email", kDropped, kMailDetail},
    {Block::kGlobal, "notification_email_from", kDropped, kMailDetail},
    {Block::kGlobal, "smtp_server", kDropped, kMailDetail},
    {Block::kGlobal, "smtp_helo_name", kDropped, kMailDetail},
    {Block::kGlobal, "smtp_connect_timeout", kDropped, kMailDetail},
    {Block::kGlobal, "smtp_alert", kMissing, kNoMail, true},
    {Block::kGlobal, "smtp_alert_vrrp", kMissing, kNoMail, true},
    {Block::kGlobal, "smtp_alert_checker", kDropped, kBalancerDetail},
    {Block::kGlobal, "no_email_faults", kDropped, kMailDetail},
    {Block::kGlobal, "no_checker_emails", kDropped, kBalancerDetail},
    {Block::kGlobal, "checker_log_all_failures", kDropped, kBalancerDetail},
    {Block::kGlobal, "rs_init_notifies", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_sync_daemon", kMissing, kBalancer},
    {Block::kGlobal, "lvs_timeouts", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_flush", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_flush_on_stop", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_notify_fifo", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_notify_fifo_script", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_netlink_cmd_rcv_bufs", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_netlink_cmd_rcv_bufs_force", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_netlink_monitor_rcv_bufs", kDropped, kBalancerDetail},
    {Block::kGlobal, "lvs_netlink_monitor_rcv_bufs_force", kDropped, kBalancerDetail},
    {Block::kGlobal, "vrrp_priority", kDropped, kCpu},
    {Block::kGlobal, "vrrp_rt_priority", kDropped, kCpu},
    {Block::kGlobal, "vrrp_cpu_affinity", kDropped, kCpu},
    {Block::kGlobal, "vrrp_rlimit_rttime", kDropped, kCpu},
    {Block::kGlobal, "vrrp_rlimit_rtime", kDropped, kCpu},
    {Block::kGlobal, "max_auto_priority", kDropped, kCpu},
    {Block::kGlobal, "min_auto_priority_delay", kDropped, kCpu},
    {Block::kGlobal, "vrrp_no_swap", kDropped, "lock_memory in [daemon] is always set"},
    {Block::kGlobal, "checker_priority", kDropped, kBalancerDetail},
    {Block::kGlobal, "checker_no_swap", kDropped, kBalancerDetail},
    {Block::kGlobal, "checker_cpu_affinity", kDropped, kBalancerDetail},
    {Block::kGlobal, "checker_rt_priority", kDropped, kBalancerDetail},
    {Block::kGlobal, "checker_rlimit_rttime", kDropped, kBalancerDetail},
    {Block::kGlobal, "bfd_priority", kDropped, kBfd},
    {Block::kGlobal, "bfd_no_swap", kDropped, kBfd},
    {Block::kGlobal, "bfd_cpu_affinity", kDropped, kBfd},
    {Block::kGlobal, "bfd_rt_priority", kDropped, kBfd},
    {Block::kGlobal, "bfd_rlimit_rttime", kDropped, kBfd},
    {Block::kGlobal, "snmp_socket", kDropped, kSnmp},
    {Block::kGlobal, "enable_traps", kMissing, kSnmp},
    {Block::kGlobal, "enable_snmp_vrrp", kMissing, kSnmp},
    {Block::kGlobal, "enable_snmp_keepalived", kMissing, kSnmp},
    {Block::kGlobal, "enable_snmp_checker", kDropped, kBalancerDetail},
    {Block::kGlobal, "enable_snmp_rfc", kMissing, kSnmp},
    {Block::kGlobal, "enable_snmp_rfcv2", kMissing, kSnmp},
    {Block::kGlobal, "enable_snmp_rfcv3", kMissing, kSnmp},
    {Block::kGlobal, "enable_dbus", kMissing, kDbus},
    {Block::kGlobal, "dbus_service_name", kDropped, kDbus},
    {Block::kGlobal, "dbus_no_interface_name", kDropped, kDbus},
    {Block::kGlobal, "vrrp_netlink_cmd_rcv_bufs", kDropped, kNetlink},
    {Block::kGlobal, "vrrp_netlink_cmd_rcv_bufs_force", kDropped, kNetlink},
    {Block::kGlobal, "vrrp_netlink_monitor_rcv_bufs", kDropped, kNetlink},
    {Block::kGlobal, "vrrp_netlink_monitor_rcv_bufs_force", kDropped, kNetlink},
    {Block::kGlobal, "process_monitor_rcv_bufs", kDropped, kNetlink},
    {Block::kGlobal, "process_monitor_rcv_bufs_force", kDropped, kNetlink},
    {Block::kGlobal, "vrrp_rx_bufs_policy", kDropped, kSockets},
    {Block::kGlobal, "vrrp_rx_bufs_multiplier", kDropped, kSockets},
    {Block::kGlobal, "tmp_config_directory", kDropped, kReload},
    {Block::kGlobal, "config_save_dir", kDropped, kReload},
    {Block::kGlobal, "include_check", kDropped, "the import reports files that are missing"},
    {Block::kGlobal, "reload_check_config", kDropped, kReload},
    {Block::kGlobal, "reload_time_file", kMissing, "run `dpvrrpctl reload` from cron or a timer"},
    {Block::kGlobal, "reload_repeat", kDropped, kReload},
    {Block::kGlobal, "reload_file", kDropped, kReload},
    {Block::kGlobal, "data_use_instance", kDropped, kDump},
    {Block::kGlobal, "json_version", kDropped, kDump},
    {Block::kGlobal, "state_dump_file", kDropped, kDump},
    {Block::kGlobal, "stats_dump_file", kDropped, kDump},
    {Block::kGlobal, "json_dump_file", kDropped, kDump},
    {Block::kGlobal, "process_names", kDropped, kProcesses},
    {Block::kGlobal, "process_name", kDropped, kProcesses},
    {Block::kGlobal, "vrrp_process_name", kDropped, kProcesses},
    {Block::kGlobal, "checker_process_name", kDropped, kProcesses},
    {Block::kGlobal, "bfd_process_name", kDropped, kProcesses},
    {Block::kGlobal, "child_wait_time", kDropped, kProcesses},
    {Block::kGlobal, "umask", kDropped, "the files of dpvrrpd have fixed modes"},
    {Block::kGlobal, "random_seed", kDropped, "the import uses no random number"},
    {Block::kGlobal, "net_namespace", kMissing, kNamespaces},
    {Block::kGlobal, "net_namespace_ipvs", kDropped, kBalancerDetail},
    {Block::kGlobal, "namespace_with_ipsets", kDropped, kFirewall},
    {Block::kGlobal, "instance", kDropped, kPid},
    {Block::kGlobal, "use_pid_dir", kDropped, kPid},
    {Block::kGlobal, "linkbeat_use_polling", kDropped, kLinkbeat},
    {Block::kGlobal, "set_supplementary_groups", kDropped, "programs have the groups of their user"},
    {Block::kGlobal, "use_symlink_paths", kDropped, "the path is used as it is written"},

    // vrrp_instance.
    {Block::kInstance, "state", kDropped, "both start as backup, and the priority decides", true},
    {Block::kInstance, "interface", kTaken, "port", true},
    {Block::kInstance, "virtual_router_id", kTaken, "vrid", true},
    {Block::kInstance, "priority", kTaken, "priority", true},
    {Block::kInstance, "advert_int", kTaken, "advertisement_interval", true},
    {Block::kInstance, "version", kTaken, "version", true},
    {Block::kInstance, "nopreempt", kTaken, "preempt = false", true},
    {Block::kInstance, "preempt", kTaken, "preempt = true", true},
    {Block::kInstance, "preempt_delay", kTaken, "preempt_delay", true},
    {Block::kInstance, "down_timer_adverts", kTaken, "down_timer_adverts", true},
    {Block::kInstance, "lower_prio_no_advert", kTaken, "lower_prio_no_advert", true},
    {Block::kInstance, "higher_prio_send_advert", kTaken, "higher_prio_send_advert", true},
    {Block::kInstance, "mcast_src_ip", kTaken, "source_address", true},
    {Block::kInstance, "unicast_src_ip", kTaken, "source_address", true},
    {Block::kInstance, "mcast_dst_ip", kTaken, "group", true},
    {Block::kInstance, "unicast_peer", kTaken, "unicast_peers", true},
    {Block::kInstance, "unicast_ttl", kTaken, "unicast_ttl", true},
    {Block::kInstance, "unicast_fault_no_peer", kDropped, "without unicast_peers an instance uses multicast", true},
    {Block::kInstance, "check_unicast_src", kDropped, kPeersChecked},
    {Block::kInstance, "old_unicast_checksum", kDropped, "", true},
    {Block::kInstance, "v3_checksum_as_v2", kTaken, "checksum", true},
    {Block::kInstance, "authentication", kTaken, "[instance.authentication]", true},
    {Block::kInstance, "auth_hmac", kTaken, "[instance.authentication]", true},
    {Block::kInstance, "virtual_ipaddress", kTaken, "virtual_addresses", true},
    {Block::kInstance, "virtual_ipaddress_excluded", kTaken, "excluded_addresses", true},
    {Block::kInstance, "virtual_routes", kTaken, "virtual_routes", true},
    {Block::kInstance, "virtual_routes_excluded", kTaken, "virtual_routes", true},
    {Block::kInstance, "virtual_rules", kTaken, "virtual_rules", true},
    {Block::kInstance, "no_virtual_ipaddress", kMissing, "an instance needs at least one virtual address"},
    {Block::kInstance, "use_vmac", kTaken, "source_mac = \"virtual\"", true},
    {Block::kInstance, "use_vmac_addr", kTaken, "source_mac = \"virtual\" is for all addresses", true},
    {Block::kInstance, "vmac_xmit_base", kChanged, "with source_mac = \"virtual\" adverts have the virtual MAC too"},
    {Block::kInstance, "use_ipvlan", kMissing,
     "dpvrrpd makes no ipvlan devices: make one on the host and name it here"},
    {Block::kInstance, "native_ipv6", kDropped, "the addresses decide the family", true},
    {Block::kInstance, "dont_track_primary", kMissing, "an instance is not master while the link of its port is down"},
    {Block::kInstance, "track_interface", kTaken, "track", true},
    {Block::kInstance, "track_script", kTaken, "track", true},
    {Block::kInstance, "track_process", kTaken, "track", true},
    {Block::kInstance, "track_file", kMissing, kTrackFile},
    {Block::kInstance, "track_bfd", kMissing, kBfd},
    {Block::kInstance, "track_src_ip", kChanged, "a [[track]] with kind = \"interface\" and address", true},
    {Block::kInstance, "skip_check_adv_addr", kDropped, kListChecked},
    {Block::kInstance, "strict_mode", kChanged, kStrict, true},
    {Block::kInstance, "accept", kDropped, "dpvrrp accepts packets to its addresses"},
    {Block::kInstance, "no_accept", kMissing,
     "the kernel accepts packets to an address that it holds: drop them by a firewall rule"},
    {Block::kInstance, "promote_secondaries", kDropped, "it is always set on the devices of virtual addresses"},
    {Block::kInstance, "garp_master_delay", kTaken, "repeats in [garp]", true},
    {Block::kInstance, "garp_master_repeat", kDropped, kOneFrame},
    {Block::kInstance, "garp_master_refresh", kTaken, "refresh in [garp]", true},
    {Block::kInstance, "garp_master_refresh_repeat", kDropped, kOneFrame},
    {Block::kInstance, "garp_lower_prio_delay", kDropped, kCorrects},
    {Block::kInstance, "garp_lower_prio_repeat", kDropped, kCorrects},
    {Block::kInstance, "garp_extra_if", kDropped, kOutlets},
    {Block::kInstance, "garp_extra_if_vmac", kDropped, kOutlets},
    {Block::kInstance, "notify", kTaken, "notify", true},
    {Block::kInstance, "notify_master", kTaken, "notify_master", true},
    {Block::kInstance, "notify_backup", kTaken, "notify_backup", true},
    {Block::kInstance, "notify_fault", kTaken, "notify_fault", true},
    {Block::kInstance, "notify_stop", kTaken, "notify_stop", true},
    {Block::kInstance, "notify_deleted", kMissing, kEvent},
    {Block::kInstance, "notify_master_rx_lower_pri", kMissing, kEvent},
    {Block::kInstance, "notify_priority_changes", kDropped, kPriorityEvents},
    {Block::kInstance, "smtp_alert", kMissing, kNoMail, true},
    {Block::kInstance, "owner_ignore_adverts", kDropped,
     "an owner (priority 255) always ignores the adverts of others"},
    {Block::kInstance, "timer_expired_backup", kDropped, "timers run on an lcore and are not late"},
    {Block::kInstance, "thread_timer_expired", kDropped, "timers run on an lcore and are not late"},
    {Block::kInstance, "kernel_rx_buf_size", kDropped, kSockets},
    {Block::kInstance, "linkbeat_use_polling", kDropped, kLinkbeat},
    {Block::kInstance, "lvs_sync_daemon_interface", kMissing, kBalancer},
    {Block::kInstance, "vrf", kMissing, "a [[port]] belongs to no VRF"},
    {Block::kInstance, "debug", kDropped, "keepalived does not implement it"},

    {Block::kAuthentication, "auth_type", kTaken, "type", true},
    {Block::kAuthentication, "auth_pass", kTaken, "the key or password", true},

    {Block::kAuthHmac, "key", kTaken, "the key", true},
    {Block::kAuthHmac, "active_key", kTaken, "sign of a [[keyring]]", true},
    {Block::kAuthHmac, "anti_replay", kTaken, "anti_replay", true},
    {Block::kAuthHmac, "time_window", kTaken, "time_window", true},
    {Block::kAuthHmac, "mode", kTaken, "mode", true},

    // vrrp_script.
    {Block::kScript, "script", kTaken, "command", true},
    {Block::kScript, "interval", kTaken, "interval", true},
    {Block::kScript, "timeout", kTaken, "timeout", true},
    {Block::kScript, "weight", kTaken, "weight where an instance or group tracks it", true},
    {Block::kScript, "rise", kTaken, "rise", true},
    {Block::kScript, "fall", kTaken, "fall", true},
    {Block::kScript, "user", kTaken, "user", true},
    {Block::kScript, "init_fail", kTaken, "initial = \"down\"", true},

    // vrrp_track_process.
    {Block::kProcess, "process", kChanged, "command with pgrep", true},
    {Block::kProcess, "param_match", kMissing, "write a command for the [[track]]"},
    {Block::kProcess, "weight", kTaken, "weight where an instance or group tracks it", true},
    {Block::kProcess, "quorum", kChanged, "command with pgrep", true},
    {Block::kProcess, "quorum_max", kMissing, "write a command for the [[track]]"},
    {Block::kProcess, "delay", kTaken, "up_delay and down_delay", true},
    {Block::kProcess, "fork_delay", kTaken, "up_delay", true},
    {Block::kProcess, "terminate_delay", kTaken, "down_delay", true},
    {Block::kProcess, "full_command", kChanged, "pgrep -f", true},

    // vrrp_sync_group.
    {Block::kGroup, "group", kTaken, "members", true},
    {Block::kGroup, "track_interface", kTaken, "track", true},
    {Block::kGroup, "track_script", kTaken, "track", true},
    {Block::kGroup, "track_process", kTaken, "track", true},
    {Block::kGroup, "track_file", kMissing, kTrackFile},
    {Block::kGroup, "track_bfd", kMissing, kBfd},
    {Block::kGroup, "notify", kTaken, "notify", true},
    {Block::kGroup, "notify_master", kTaken, "notify_master", true},
    {Block::kGroup, "notify_backup", kTaken, "notify_backup", true},
    {Block::kGroup, "notify_fault", kTaken, "notify_fault", true},
    {Block::kGroup, "notify_stop", kTaken, "notify_stop", true},
    {Block::kGroup, "notify_deleted", kMissing, kEvent},
    {Block::kGroup, "notify_priority_changes", kDropped, kPriorityEvents},
    {Block::kGroup, "smtp_alert", kMissing, kNoMail, true},
    {Block::kGroup, "global_tracking", kDropped, "keepalived 2.2.7 ignores it"},
    {Block::kGroup, "sync_group_tracking_weight", kTaken, "the members keep the weights of their tracks", true},

    // garp_group.
    {Block::kGarpGroup, "garp_interval", kChanged, "interval in [garp], for all ports", true},
    {Block::kGarpGroup, "gna_interval", kChanged, "interval in [garp], for all ports", true},
    {Block::kGarpGroup, "interface", kDropped, "[garp] is for all ports"},
    {Block::kGarpGroup, "interfaces", kDropped, "[garp] is for all ports"},
};

constexpr absl::string_view kBlockNames[] = {"the file",           "global_defs",     "vrrp_instance",
                                             "authentication",     "auth_hmac",       "vrrp_script",
                                             "vrrp_track_process", "vrrp_sync_group", "garp_group"};

}  // namespace

absl::string_view ToString(Block block) { return kBlockNames[static_cast<size_t>(block)]; }

std::span<const WordRule> AllWordRules() { return kRules; }

const WordRule* FindWord(Block block, absl::string_view word) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const WordRule& rule) { return rule.block == block && rule.word == word; });
  return found == std::end(kRules) ? nullptr : found;
}

std::string DidYouMean(Block block, absl::string_view word) {
  std::vector<absl::string_view> words;
  for (const WordRule& rule : kRules) {
    if (rule.block == block) words.push_back(rule.word);
  }
  const absl::string_view nearest = NearestWord(word, words);
  return nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?");
}

}  // namespace dpvrrp::keepalived
