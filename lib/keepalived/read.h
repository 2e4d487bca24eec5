// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the statements of a keepalived.conf into the model, and reports the verdict of each.
//
// Thread: one (pure).
#pragma once

#include <vector>

#include "keepalived/model.h"
#include "keepalived/notes.h"

namespace dpvrrp::keepalived {

Model ReadModel(const std::vector<Statement>& statements, Notes& notes);

// The parts of it.
void ReadGlobals(const Statement& block, GlobalsOf* globals, Notes& notes);
InstanceOf ReadInstanceBlock(const Statement& block, Notes& notes);
ScriptOf ReadScriptBlock(const Statement& block, Notes& notes);
ProcessOf ReadProcessBlock(const Statement& block, Notes& notes);
GroupOf ReadGroupBlock(const Statement& block, Notes& notes);
void ReadTrackedBy(const Statement& list, std::vector<TrackedBy>* out, Notes& notes);
// Reads a notify word. False: it is none.
bool ReadNotifyWord(const Statement& statement, const WordRule& rule, NotifyPrograms* out, Notes& notes);
// vrrp_strict or strict_mode.
void ReadStrict(const Statement& statement, const WordRule& rule, Given<bool>* out, Notes& notes);
// The addresses of virtual_ipaddress or virtual_ipaddress_excluded.
void ReadAddresses(const Statement& list, std::vector<AddressOf>* out, Notes& notes);
void ReadPeers(const Statement& list, std::vector<PeerOf>* out, Notes& notes);
void ReadHmac(const Statement& block, InstanceOf* instance, Notes& notes);

}  // namespace dpvrrp::keepalived
