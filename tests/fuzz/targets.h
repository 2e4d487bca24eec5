// SPDX-License-Identifier: BSD-3-Clause
//
// The targets of scripts/fuzz, one in each row. A target accepts any bytes, returns, and aborts if a promise beside it
// is broken; a fault that the sanitizers find aborts too. Every build runs the inputs in corpus/<name>/.
#pragma once

#include <cstdint>
#include <span>

namespace dpvrrp {

// Frames for a shard with a router of each kind, and commands to it (frame_script.h). Every frame is counted once; sent
// frames are well formed; the loop does not spin.
void RunFrame(std::span<const uint8_t> input);

// The same for routers with AH, whose numbers begin as the input says, as if from any state file. The script may have a
// frame repaired and signed. A frame without the right ICV changes nothing; no number is accepted twice, none is sent
// twice.
void RunAh(std::span<const uint8_t> input);

// Frames for routers with the auth_hmac trailer, which the script may have signed. A frame without the right HMAC
// changes nothing, one that was accepted is not accepted again, none of ours has a number that was sent before.
void RunTrailer(std::span<const uint8_t> input);

// A configuration file. Either errors, in order, or a configuration; the same each time; no key in a message; whatever
// is accepted can be built, and differs in nothing from itself.
void RunConfig(std::span<const uint8_t> input);

// Command lines, parted by line feeds, for a daemon with some instances. Each is answered once, with text that a
// terminal may be shown, or JSON that parses; completions are legal words.
void RunCli(std::span<const uint8_t> input);

// A state file, partly repaired (state_target.cc). A file that ReadState() refuses is left unchanged. A file that it
// accepts is opened, keeps its numbers, and is valid again afterwards.
void RunState(std::span<const uint8_t> input);

// A capture file. Frames lie within it; written as pcapng and read again they are the same.
void RunCapture(std::span<const uint8_t> input);

// A command file that may include itself. Every fault has a place; what is accepted can be run to its end.
void RunScript(std::span<const uint8_t> input);

struct FuzzTarget {
  const char* name;
  void (*run)(std::span<const uint8_t> input);
};

inline constexpr FuzzTarget kFuzzTargets[] = {
    {"frame", RunFrame}, {"ah", RunAh},           {"config", RunConfig},   {"cli", RunCli},
    {"state", RunState}, {"trailer", RunTrailer}, {"capture", RunCapture}, {"script", RunScript},
};

}  // namespace dpvrrp
