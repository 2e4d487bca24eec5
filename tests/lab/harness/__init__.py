# SPDX-License-Identifier: BSD-3-Clause
"""A LAN in network namespaces, with real keepalived and dpvrrpd on it. docs/lab.md draws it."""
