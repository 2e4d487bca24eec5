// SPDX-License-Identifier: BSD-3-Clause
#include "io/line_input.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "io/raw_terminal.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class LineInputTest : public testing::Test {
 protected:
  void Open(int fd) {
    absl::StatusOr<std::unique_ptr<LineInput>> opened = LineInput::Open(*reactor, fd);
    ASSERT_TRUE(opened.ok()) << opened.status();
    input = *std::move(opened);
  }
  // What can be taken now; a discarded line as "<too long>".
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    std::string line;
    bool too_long = false;
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(reactor->RunOnce(0ns).ok());
      while (input->TakeLine(&line, &too_long)) lines.push_back(too_long ? "<too long>" : line);
    }
    return lines;
  }
  // The kernel passes on what is sent to a terminal in a task of its own, so it may take a moment.
  void WaitForInput() {
    for (int i = 0; i < 500 && !input->HasInput(); ++i) EXPECT_TRUE(reactor->RunOnce(10ms).ok());
  }
  static void Send(int fd, const std::string& text) {
    ASSERT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  std::unique_ptr<Reactor> reactor = *Reactor::Create();
  std::unique_ptr<LineInput> input;
};

TEST_F(LineInputTest, APipeGivesCompleteLinesAndTheLastOneAtItsEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Open(ends[0]);
  Send(ends[1], "show status\r\n\nshow po");
  EXPECT_THAT(Lines(), ElementsAre("show status", ""));
  Send(ends[1], "rts");
  EXPECT_THAT(Lines(), ElementsAre());
  EXPECT_FALSE(input->ended());
  close(ends[1]);
  EXPECT_THAT(Lines(), ElementsAre("show ports"));
  EXPECT_TRUE(input->ended());
  close(ends[0]);
}

TEST_F(LineInputTest, TheGivenDescriptorStaysBlocking) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Open(ends[0]);
  EXPECT_EQ(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LineInputTest, WhileItDoesNotReadTheSenderKeepsTheRest) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Open(ends[0]);
  input->SetReading(false);
  Send(ends[1], "quit\n");
  EXPECT_THAT(Lines(), ElementsAre());
  input->SetReading(true);
  EXPECT_THAT(Lines(), ElementsAre("quit"));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LineInputTest, ALineThatIsTooLongIsDiscardedToItsEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Open(ends[0]);
  Send(ends[1], std::string(kMaxInputLine, 'a') + "\n" + std::string(2 * kMaxInputLine, 'b') + "\nquit\n");
  EXPECT_THAT(Lines(), ElementsAre(std::string(kMaxInputLine, 'a'), "<too long>", "quit"));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LineInputTest, AFileIsReadFromItsPlace) {
  std::FILE* file = std::tmpfile();
  Send(fileno(file), "skipped\nshow status\nquit\n");
  ASSERT_EQ(lseek(fileno(file), 8, SEEK_SET), 8);
  Open(fileno(file));
  EXPECT_THAT(Lines(), ElementsAre("show status", "quit"));
  EXPECT_TRUE(input->ended());
  std::fclose(file);
}

TEST_F(LineInputTest, WhileLinesWaitTheSenderKeepsTheRest) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Open(ends[0]);
  Send(ends[1], std::string(60'000, '\n'));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(reactor->RunOnce(0ns).ok());
  int left = 0;
  ASSERT_EQ(ioctl(ends[0], FIONREAD, &left), 0);
  EXPECT_EQ(left, 60'000 - 4096);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LineInputTest, AFileWithoutLineEndsEnds) {
  const int zero = open("/dev/zero", O_RDONLY);
  Open(zero);
  EXPECT_THAT(Lines(), ElementsAre());
  EXPECT_TRUE(input->ended());
  close(zero);
}

TEST_F(LineInputTest, DevNullIsTheEnd) {
  const int null = open("/dev/null", O_RDONLY);
  Open(null);
  EXPECT_TRUE(input->ended());
  close(null);
}

TEST_F(LineInputTest, ASocketIsReadWithoutBlocking) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Open(ends[0]);
  Send(ends[1], "help\n");
  EXPECT_THAT(Lines(), ElementsAre("help"));
  close(ends[1]);
  Lines();
  EXPECT_TRUE(input->ended());
  close(ends[0]);
}

TEST_F(LineInputTest, ATerminalEndsWithCtrlDAndWhenItIsClosed) {
  int leader = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&leader, &terminal, nullptr, nullptr, nullptr), 0);
  Open(terminal);
  Send(leader, "show status\n");
  WaitForInput();
  EXPECT_THAT(Lines(), ElementsAre("show status"));
  Send(leader, "\x04");
  for (int i = 0; i < 500 && !input->ended(); ++i) EXPECT_TRUE(reactor->RunOnce(10ms).ok());
  EXPECT_TRUE(input->ended());
  Open(terminal);
  close(terminal);
  close(leader);
  for (int i = 0; i < 500 && !input->ended(); ++i) EXPECT_TRUE(reactor->RunOnce(10ms).ok());
  EXPECT_TRUE(input->ended());
}

TEST_F(LineInputTest, ARawTerminalGivesEachKeyAndIsRestored) {
  int leader = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&leader, &terminal, nullptr, nullptr, nullptr), 0);
  termios before{};
  tcgetattr(terminal, &before);
  std::unique_ptr<RawTerminal> raw = RawTerminal::Enter(terminal);
  ASSERT_NE(raw, nullptr);
  Open(terminal);
  input->TakeKeys();
  Send(leader, "a\t\x04");
  std::string keys;
  char key = 0;
  while (keys.size() < 3) {
    WaitForInput();
    ASSERT_TRUE(input->HasInput());
    while (input->TakeKey(&key)) keys += key;
  }
  EXPECT_EQ(keys, "a\t\x04");
  EXPECT_FALSE(input->ended());
  raw.reset();
  termios after{};
  tcgetattr(terminal, &after);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_EQ(RawTerminal::Enter(999), nullptr);
  close(terminal);
  close(leader);
}

TEST_F(LineInputTest, AClosedDescriptorIsAnError) { EXPECT_FALSE(LineInput::Open(*reactor, 999).ok()); }

}  // namespace
}  // namespace dpvrrp
