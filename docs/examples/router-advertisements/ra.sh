#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# notify = "/etc/dpvrrp/ra.sh": radvd sends the router advertisements of this gateway while the instance is master.
# The arguments are those of `notify`: INSTANCE|GROUP, name, state, priority.
#
# Both gateways advertise from the same virtual link-local address. So radvd must end without its last advertisement,
# which has lifetime 0: it could reach hosts after the first one of the new master, and they would lose their gateway.
pid_file=/run/dpvrrp-ra-$2.pid

if [ -s "$pid_file" ]; then
  kill -KILL "$(cat "$pid_file")" 2>/dev/null
  rm -f "$pid_file"
fi
[ "$3" = MASTER ] && exec /usr/sbin/radvd -C /etc/dpvrrp/radvd.conf -p "$pid_file" -m syslog
exit 0
