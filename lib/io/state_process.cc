// SPDX-License-Identifier: BSD-3-Clause
//
// Daemon and copier are one program. They exchange messages of fixed size over a socketpair. If it ends, each learns
// that the other has ended.
#include "io/state_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "io/clock.h"
#include "io/privileges.h"
#include "io/seccomp_filter.h"

namespace dpvrrp {
namespace {

constexpr int kPeriodMs = 1000;
constexpr int kLockRetryMs = 10;
constexpr int kLastTries = 3;

enum class Order : uint8_t { kLook, kClose };

struct OpenRequest {
  std::array<char, 2048> directory{};
  std::array<char, 64> boot_id{};
  uint64_t instances = 0;
  uint8_t confine = 0;
};

struct OpenReply {
  int32_t code = 0;
  int32_t segment = -1;  // -1: the message has a descriptor instead
  uint64_t slots = 0;
  uint64_t used = 0, damaged = 0;
  uint8_t created = 0, grown = 0, converted = 0, moved_ahead = 0, recovered = 0;
  std::array<char, 2048> path{};
  std::array<char, 3072> text{};  // the error; or why the memory is private
};

struct Note {
  StateNote::Kind kind{};
  uint64_t generation = 0;
  std::array<char, 3072> text{};
};

template <size_t kSize>
void Put(absl::string_view text, std::array<char, kSize>& into) {
  std::copy_n(text.begin(), std::min(text.size(), kSize - 1), into.begin());
}

template <typename Message>
bool Send(int socket, const Message& message, int fd = -1) {
  static_assert(std::is_trivially_copyable_v<Message>);
  iovec part{const_cast<Message*>(&message), sizeof(message)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (fd >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
  }
  return sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(sizeof(message));
}

// 1: a whole message; 0: none yet; -1: the other side has ended.
template <typename Message>
int Receive(int socket, Message& message, UniqueFd* fd = nullptr) {
  static_assert(std::is_trivially_copyable_v<Message>);
  iovec part{&message, sizeof(message)};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t got = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (got != static_cast<ssize_t>(sizeof(message))) return -1;
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (fd != nullptr && rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
    int passed = -1;
    std::memcpy(&passed, CMSG_DATA(rights), sizeof(passed));
    fd->Reset(passed);
  }
  return 1;
}

// Whether there is something to receive; the end of the connection counts.
bool WaitFor(int socket, int milliseconds) {
  pollfd entry{socket, POLLIN, 0};
  return poll(&entry, 1, milliseconds) > 0;
}

// ---- In the copier's process ----

// The system calls that the copier needs in addition to the daemon's.
constexpr int kCopiersCalls[] = {SYS_mkdirat, SYS_renameat, SYS_fadvise64, SYS_shmctl, SYS_shmdt};

class Copier {
 public:
  explicit Copier(int socket) : socket_(socket) {}
  int Run();

 private:
  bool Open(const OpenRequest& request);
  void Reply(const absl::Status& status, const StateReport& report);
  void CopyAndTell();
  void Serve();
  void Finish(bool tell);

  const int socket_;
  std::unique_ptr<StateCopier> copier_;
  std::string untold_;  // the damage of the file, until the daemon has been notified of the repair
  bool told_exposed_ = false;
};

// The exit status has no meaning.
int Copier::Run() {
  OpenRequest request;
  int received = 0;
  while (received == 0) {
    WaitFor(socket_, -1);
    received = Receive(socket_, request);
  }
  if (received < 0 || !Open(request)) return 0;
  if (request.confine != 0) {
    // If this fails, the process still reads nothing but its own file.
    static_cast<void>(DropPrivileges(nullptr, {}));
    static_cast<void>(InstallSeccompFilter(kCopiersCalls));
  }
  Serve();
  return 0;
}

bool Copier::Open(const OpenRequest& request) {
  const StateOptions options{.instances = request.instances, .boot_id = request.boot_id.data()};
  StateReport report;
  while (true) {
    absl::StatusOr<std::unique_ptr<StateCopier>> opened = StateCopier::Open(request.directory.data(), options, &report);
    if (opened.ok()) copier_ = *std::move(opened);
    if (absl::IsUnavailable(opened.status()) && !WaitFor(socket_, kLockRetryMs)) continue;
    Reply(opened.status(), report);
    return copier_ != nullptr;
  }
}

void Copier::Reply(const absl::Status& status, const StateReport& report) {
  OpenReply reply;
  reply.code = static_cast<int32_t>(status.code());
  Put(status.ok() ? report.why_private : std::string(status.message()), reply.text);
  Put(report.path, reply.path);
  reply.slots = report.capacity;
  reply.used = report.used;
  reply.damaged = report.damaged;
  reply.created = report.created;
  reply.grown = report.grown;
  reply.converted = report.converted;
  reply.moved_ahead = report.moved_ahead;
  reply.recovered = report.recovered;
  int fd = -1;
  if (copier_ != nullptr) {
    reply.segment = copier_->memory().handle().segment;
    fd = copier_->memory().handle().fd;
  }
  Send(socket_, reply, fd);
}

void Copier::Serve() {
  while (true) {
    WaitFor(socket_, kPeriodMs);
    Order order{};
    int received = 0;
    while ((received = Receive(socket_, order)) > 0) {
      if (order == Order::kClose) return Finish(true);
    }
    if (received < 0) return Finish(false);
    CopyAndTell();
  }
}

// Each copy is reported, as a sign of life. A daemon that does not read is notified of a repair later.
void Copier::CopyAndTell() {
  const StateCopier::Outcome outcome = copier_->Copy(false);
  Note note{.generation = outcome.generation};
  if (!outcome.found.ok() && untold_.empty()) untold_ = std::string(outcome.found.message());
  if (!outcome.status.ok()) {
    if (untold_.empty()) untold_ = std::string(outcome.status.message());
    note.kind = StateNote::Kind::kFailed;
    Put(absl::StrCat(outcome.found.ok() ? "" : absl::StrCat(outcome.found.message(), "; "), outcome.status.message()),
        note.text);
    Send(socket_, note);
  } else {
    note.kind = untold_.empty() ? StateNote::Kind::kWritten : StateNote::Kind::kRepaired;
    Put(untold_, note.text);
    if (Send(socket_, note)) untold_.clear();
  }
  if (told_exposed_ || !copier_->memory().IsRemoved()) return;
  told_exposed_ = Send(socket_, Note{.kind = StateNote::Kind::kExposed});
}

// The daemon stores nothing any more.
void Copier::Finish(bool tell) {
  StateCopier::Outcome outcome = copier_->Copy(true);
  for (int i = 1; i < kLastTries && !outcome.status.ok(); ++i) {
    poll(nullptr, 0, kPeriodMs);
    outcome = copier_->Copy(true);
  }
  if (outcome.status.ok()) copier_->RemoveMemory();  // otherwise the next start writes it
  Note note{.kind = outcome.status.ok() ? StateNote::Kind::kClosed : StateNote::Kind::kFailed};
  Put(outcome.status.message(), note.text);
  if (tell) Send(socket_, note);
}

// Closes everything inherited from the daemon except `socket`.
[[noreturn]] void BecomeCopier(int socket) {
  prctl(PR_SET_NAME, "dpvrrp-state");
  setsid();  // the copier must not get signals to the daemon's group
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGTSTP}) {
    signal(number, SIG_IGN);
  }
  const int kept = 3;
  if (socket != kept) dup2(socket, kept);
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2 && null >= 0; ++fd) dup2(null, fd);
  syscall(SYS_close_range, kept + 1, ~0u, 0);
  if (chdir("/") != 0) _exit(1);
  _exit(Copier(kept).Run());
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateProcess>> StateProcess::Spawn() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return absl::ErrnoToStatus(errno, "socketpair");
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  // Forks twice, so that the copier is init's child and the daemon need not wait for it.
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child == 0) {
    const pid_t copier = fork();
    if (copier == 0) BecomeCopier(theirs.get());
    const bool sent = copier > 0 && write(theirs.get(), &copier, sizeof(copier)) == sizeof(copier);
    _exit(sent ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  pid_t pid = 0;
  if (status != 0 || Receive(ours.get(), pid) != 1) return absl::InternalError("the state copier did not start");
  return std::unique_ptr<StateProcess>(new StateProcess(std::move(ours), pid));
}

StateProcess::~StateProcess() = default;

absl::Status StateProcess::BeginOpen(const std::string& directory, const StateOptions& options, bool confine) {
  OpenRequest request;
  if (directory.size() >= request.directory.size() || options.boot_id.size() >= request.boot_id.size()) {
    return absl::InvalidArgumentError(absl::StrCat(directory, ": the path is too long"));
  }
  Put(directory, request.directory);
  Put(options.boot_id, request.boot_id);
  request.instances = options.instances;
  request.confine = confine;
  if (!Send(socket_.get(), request)) return absl::InternalError("the state copier has ended");
  return absl::OkStatus();
}

absl::StatusOr<StateMemory> StateProcess::FinishOpen(Nanoseconds patience, StateReport* report) {
  const Instant give_up = MonotonicNow() + patience;
  OpenReply reply;
  UniqueFd fd;
  int received = 0;
  while (received == 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - MonotonicNow()).count();
    if (left <= 0) return absl::DeadlineExceededError("the disk has not answered");
    WaitFor(socket_.get(), static_cast<int>(left));
    received = Receive(socket_.get(), reply, &fd);
  }
  if (received < 0) return absl::InternalError("the state copier has ended");
  if (reply.code != 0) return absl::Status(static_cast<absl::StatusCode>(reply.code), reply.text.data());
  if (report != nullptr) {
    *report = {.path = reply.path.data(),
               .created = reply.created != 0,
               .grown = reply.grown != 0,
               .converted = reply.converted != 0,
               .moved_ahead = reply.moved_ahead != 0,
               .recovered = reply.recovered != 0,
               .damaged = reply.damaged,
               .used = reply.used,
               .capacity = reply.slots,
               .why_private = reply.text.data()};
  }
  return StateMemory::Attach({.segment = reply.segment, .fd = fd.Release()}, reply.slots);
}

// If the socket is full, the copier has been notified already.
void StateProcess::Wake() { Send(socket_.get(), Order::kLook); }

void StateProcess::BeginClose() {
  Send(socket_.get(), Order::kClose);
  shutdown(socket_.get(), SHUT_WR);
}

absl::StatusOr<std::optional<StateNote>> StateProcess::Next() {
  Note note;
  const int received = Receive(socket_.get(), note);
  if (received < 0) return absl::AbortedError("the state copier has ended");
  if (received == 0) return std::nullopt;
  return StateNote{.kind = note.kind, .generation = note.generation, .text = note.text.data()};
}

}  // namespace dpvrrp
