// SPDX-License-Identifier: BSD-3-Clause
#include "cli/words.h"

#include <gtest/gtest.h>

#include <random>

namespace dpvrrp {
namespace {

TEST(WordsTest, WhatWasJoinedIsSplitIntoTheSameWords) {
  std::mt19937 random(3768);
  const std::string alphabet = "ab \t\"\\-";
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::string> words(1 + random() % 4);
    for (std::string& word : words) {
      for (size_t i = random() % 6; i > 0; --i) word += alphabet[random() % alphabet.size()];
    }
    const absl::StatusOr<std::vector<Word>> split = SplitWords(JoinWords(words));
    ASSERT_TRUE(split.ok()) << JoinWords(words) << ": " << split.status();
    std::vector<std::string> texts;
    for (const Word& word : *split) texts.push_back(word.text);
    EXPECT_EQ(texts, words) << JoinWords(words);
  }
}

TEST(WordsTest, OnlyWordsThatNeedQuotesGetThem) {
  EXPECT_EQ(JoinWords({"show", "instance", "my lan", "", "--json"}), "show instance \"my lan\" \"\" --json");
  EXPECT_EQ(AlwaysQuoteWord("a\"b"), "\"a\\\"b\"");
}

TEST(WordsTest, TheWordBeingTypedIsApart) {
  const absl::StatusOr<TypedWords> typed = SplitTypedWords("show instance \"my l");
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(typed->finished.size(), 2u);
  EXPECT_EQ(typed->last.text, "my l");
  EXPECT_TRUE(typed->last.quoted);
  EXPECT_EQ(SplitTypedWords("show ")->last.text, "");
}

// RFC 3629 3 and 4: overlong forms, surrogates and numbers beyond U+10FFFF are no UTF-8.
TEST(WordsTest, PlainTextIsUtf8WithoutControls) {
  EXPECT_TRUE(IsPlainText("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\t"));
  for (const absl::string_view bad :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x8f\x80\x80", "\x80", "\xc3", "\xe2\x82",
        "\xc2\x9b"
        "2J",
        "\x1b", "\n", "\r", "\x7f", "\xff"}) {
    EXPECT_FALSE(IsPlainText(bad)) << EscapeForTerminal(bad);
  }
  EXPECT_FALSE(IsPlainText(absl::string_view("\0", 1)));
}

TEST(WordsTest, EscapingKeepsTextAndShowsTheRestAsHex) {
  EXPECT_EQ(EscapeForTerminal("caf\xc3\xa9\x1b\t\xff"), "caf\xc3\xa9\\x1b\\x09\\xff");
}

}  // namespace
}  // namespace dpvrrp
