// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "host/program.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// The first line that a program writes: what is kept of it, and nothing more. Bytes outside of printable ASCII are
// replaced by '?', because the line is shown in logs and on terminals, and in JSON.
class FirstLine {
 public:
  void Add(const char* bytes, size_t size);
  const std::string& text() const { return text_; }

 private:
  std::string text_;  // at most kMaxProgramText bytes
  bool complete_ = false;
};

// A program that was started. program_child.h describes what it has.
//
// The program has ended when its first process has ended. Children that it leaves behind live on, as with keepalived,
// and may still have the pipe of its output.
//
// Thread: the agent's.
class Program {
 public:
  // The kernel cannot start a process now. All other faults are found out by the new process, and are in Reply().
  static absl::StatusOr<Program> Start(const ProgramRequest& request);

  pid_t pid() const { return pid_; }            // and the number of its process group
  int output() const { return output_.get(); }  // -1: the program has closed it

  // Reads some of the output, so that the program need not wait. Call it when output() is readable.
  void ReadOutput();
  // To its process group.
  void Signal(int number) const;
  // Its reply is kTimedOut from now on, unless it was not started.
  void MarkTimedOut() { timed_out_ = true; }
  bool timed_out() const { return timed_out_; }

  // Its reply, after waitpid() has returned `status`.
  ProgramReply Reply(int status);
  // Its reply, although it cannot be killed.
  ProgramReply ReplyOfStuck() const;
  // For the children that it left behind. When the pipe is closed, their next write ends them.
  UniqueFd TakeOutput() { return std::move(output_); }

 private:
  Program(uint64_t id, pid_t pid, UniqueFd output, UniqueFd error)
      : id_(id), pid_(pid), output_(std::move(output)), error_(std::move(error)) {}

  uint64_t id_;
  pid_t pid_;
  UniqueFd output_;
  UniqueFd error_;  // why it was not started
  FirstLine line_;
  bool timed_out_ = false;
};

// Reads at most kOutputTurn bytes from a pipe and drops them. Returns false if the pipe has no more writers.
bool DropOutput(int pipe);

inline constexpr size_t kOutputTurn = 65536;  // bytes of one program's output that are read before others have a turn

}  // namespace dpvrrp
