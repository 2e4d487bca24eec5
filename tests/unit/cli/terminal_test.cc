// SPDX-License-Identifier: BSD-3-Clause
#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

TEST(TerminalTest, ItIsTakenFromTheFrontOfTheLine) {
  absl::string_view line = "screen 80,colour,ask show \"a  b\"";
  Terminal terminal;
  EXPECT_TRUE(TakeTerminal(&line, &terminal));
  EXPECT_EQ(line, "show \"a  b\"");
  EXPECT_EQ(terminal.screen.width, 80u);
  EXPECT_TRUE(terminal.screen.colour);
  EXPECT_TRUE(terminal.asks);
  EXPECT_FALSE(terminal.looks);
}

TEST(TerminalTest, AWordThatIsNotKnownIsOfALaterClient) {
  absl::string_view line = "screen 0,mouse,look show status";
  Terminal terminal;
  EXPECT_TRUE(TakeTerminal(&line, &terminal));
  EXPECT_EQ(line, "show status");
  EXPECT_EQ(terminal.screen.width, 0u);
  EXPECT_TRUE(terminal.looks);
}

TEST(TerminalTest, AnythingElseIsACommand) {
  for (const absl::string_view text :
       {"show status", "screen", "screen wide show", "screen -1 show", "screens 80 show"}) {
    absl::string_view line = text;
    Terminal terminal;
    EXPECT_FALSE(TakeTerminal(&line, &terminal)) << text;
    EXPECT_EQ(line, text);
  }
}

}  // namespace
}  // namespace dpvrrp
