// SPDX-License-Identifier: BSD-3-Clause
#include "agent/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/message.h"
#include "agent/program_child.h"

namespace dpvrrp {
namespace {

// The bytes are dropped before the next read, so all programs share it.
std::array<char, kOutputTurn> output_buffer;

}  // namespace

void FirstLine::Add(const char* bytes, size_t size) {
  for (size_t i = 0; i < size && !complete_; ++i) {
    complete_ = bytes[i] == '\n' || text_.size() == kMaxProgramText;
    if (!complete_) text_.push_back(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?');
  }
}

absl::StatusOr<Program> Program::Start(const ProgramRequest& request) {
  int output[2];
  int error[2];
  if (pipe2(output, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  UniqueFd output_reader(output[0]);
  const UniqueFd output_writer(output[1]);
  if (pipe2(error, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  UniqueFd error_reader(error[0]);
  const UniqueFd error_writer(error[1]);
  for (const int reader : {output[0], error[0]}) fcntl(reader, F_SETFL, O_NONBLOCK);
  const pid_t worker = getpid();
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child == 0) internal::BecomeProgram(request, worker, output_writer.get(), error_writer.get());
  return Program(request.id, child, std::move(output_reader), std::move(error_reader));
}

void Program::ReadOutput() {
  if (!output_.valid()) return;
  const ssize_t got = read(output_.get(), output_buffer.data(), output_buffer.size());
  if (got > 0) line_.Add(output_buffer.data(), static_cast<size_t>(got));
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) output_.Reset();
}

// Until the child has made its group, there is only the child.
void Program::Signal(int number) const {
  if (kill(-pid_, number) != 0 && errno == ESRCH) kill(pid_, number);
}

ProgramReply Program::Reply(int status) {
  ReadOutput();  // what it wrote last
  std::array<char, kMaxProgramText> reason{};
  const ssize_t got = read(error_.get(), reason.data(), reason.size());
  if (got > 0) {
    return {.id = id_,
            .outcome = ProgramReply::Outcome::kNotStarted,
            .status = 0,
            .text = std::string(reason.data(), static_cast<size_t>(got))};
  }
  ProgramReply reply{.id = id_, .outcome = ProgramReply::Outcome::kExited, .status = 0, .text = line_.text()};
  if (timed_out_) {
    reply.outcome = ProgramReply::Outcome::kTimedOut;
  } else if (WIFSIGNALED(status)) {
    reply.outcome = ProgramReply::Outcome::kSignalled;
    reply.status = WTERMSIG(status);
  } else {
    reply.status = WEXITSTATUS(status);
  }
  return reply;
}

ProgramReply Program::ReplyOfStuck() const {
  return {.id = id_, .outcome = ProgramReply::Outcome::kTimedOut, .status = 0, .text = line_.text()};
}

bool DropOutput(int pipe) {
  const ssize_t got = read(pipe, output_buffer.data(), output_buffer.size());
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace dpvrrp
