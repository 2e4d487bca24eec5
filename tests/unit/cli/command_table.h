// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "cli/grammar.h"

namespace dpvrrp {

// A small language with one of everything.
inline constexpr CommandSpec kTestCommands[] = {
    {"show status", "the daemon in a few lines"},
    {"show instances", "all instances"},
    {"show instance NAME", "one instance in detail"},
    {"show drops", "why frames were dropped"},
    {"show events [--follow]", "what happened lately"},
    {"set instance NAME priority N", "change the priority"},
    {"set instance NAME resign", "give up mastership"},
    {"set instance all resign", "give up every mastership"},
    {"help", "this list"},
};

}  // namespace dpvrrp
