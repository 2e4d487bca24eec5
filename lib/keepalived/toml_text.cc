// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/toml_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kLongestLine = 110;
constexpr size_t kLongestTables = 72;  // of a list with tables

// The length of the UTF-8 character at the start of `text`; 0 if there is none (RFC 3629 4).
size_t Utf8Length(absl::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  const size_t length = first < 0x80                    ? 1
                        : first >= 0xc2 && first < 0xe0 ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0)) return 0;
  if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90)) return 0;
  return length;
}

// Comments may have any bytes; TOML forbids control characters in them.
std::string Comment(absl::string_view text) {
  std::string out = Utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; },
      '?');
  return out.empty() ? "#" : absl::StrCat("# ", out);
}

void AppendComments(absl::string_view indent, const std::vector<std::string>& comments, std::string* out) {
  for (const std::string& comment : comments) absl::StrAppend(out, indent, Comment(comment), "\n");
}

std::string AtEnd(const std::string& comment) { return comment.empty() ? "" : absl::StrCat("  ", Comment(comment)); }

// The list on one line; empty if it has comments or is too long.
std::string OneLine(const std::vector<TomlItem>& items) {
  std::string out = "[";
  bool tables = false;
  for (const TomlItem& item : items) {
    if (!item.before.empty()) return "";
    if (!item.comment.empty() && items.size() > 1) return "";
    if (item.value[0] == '{') tables = true;
    absl::StrAppend(&out, out.size() == 1 ? "" : ",", " ", item.value);
  }
  if (tables && items.size() > 1 && out.size() > kLongestTables) return "";
  if (out.size() > kLongestLine) return "";
  return absl::StrCat(out, items.empty() ? "]" : " ]");
}

}  // namespace

std::string Utf8(absl::string_view text) {
  for (absl::string_view rest = text; !rest.empty();) {
    const size_t length = Utf8Length(rest);
    if (length != 0) {
      rest.remove_prefix(length);
      continue;
    }
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80) out.push_back(static_cast<char>(0xc0 | byte >> 6));
      out.push_back(byte >= 0x80 ? static_cast<char>(0x80 | (byte & 0x3f)) : c);
    }
    return out;
  }
  return std::string(text);
}

std::string TomlString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : Utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppend(&out, absl::StrFormat("\\u%04X", unsigned{byte}));
    } else {
      out.push_back(c);
    }
  }
  return absl::StrCat(out, "\"");
}

TomlItem ItemOf(std::string value, const Statement* from) {
  TomlItem item{std::move(value), {}, ""};
  if (from != nullptr) {
    item.before = from->comments;
    item.comment = from->comment;
  }
  return item;
}

void TomlTable::Set(absl::string_view key, std::string value, const Statement* from) {
  Line line{std::string(key), std::move(value), {}, {}, ""};
  if (from != nullptr && placed_.insert(from).second) {
    line.before = from->comments;
    line.comment = from->comment;
  }
  lines_.push_back(std::move(line));
}

void TomlTable::SetList(absl::string_view key, std::vector<TomlItem> items, const Statement* from) {
  Set(key, "", from);
  lines_.back().items = std::move(items);
}

void TomlTable::Mark(absl::string_view comment) {
  std::string& at = lines_.back().comment;
  absl::StrAppend(&at, at.empty() ? "" : "; ", comment);
}

void TomlTable::Above(std::vector<std::string> comments) {
  above_.insert(above_.end(), comments.begin(), comments.end());
}

void TomlTable::Below(std::vector<std::string> comments) {
  below_.insert(below_.end(), comments.begin(), comments.end());
}

void TomlTable::Keep(const Statement& block) {
  if (placed_.insert(&block).second) {
    std::vector<std::string> own = block.comments;
    if (!block.comment.empty()) own.push_back(block.comment);
    above_.insert(above_.begin(), own.begin(), own.end());
  }
  KeepInner(block);
  Below(block.closing);
}

void TomlTable::KeepInner(const Statement& block) {
  for (const Statement& inner : block.block) {
    if (placed_.insert(&inner).second) {
      Above(inner.comments);
      if (!inner.comment.empty()) above_.push_back(inner.comment);
    }
    KeepInner(inner);
    if (!inner.closing.empty()) Above(inner.closing);
  }
}

std::string TomlTable::Comments() const {
  std::string out;
  AppendComments("", above_, &out);
  AppendComments("", below_, &out);
  return out;
}

std::string TomlTable::Text() const {
  std::string out;
  AppendComments("", above_, &out);
  absl::StrAppend(&out, header_, "\n");
  for (const Line& line : lines_) {
    AppendComments("", line.before, &out);
    const std::string short_list = line.value.empty() ? OneLine(line.items) : "";
    if (!line.value.empty() || !short_list.empty()) {
      std::string comment = line.comment;
      if (!line.items.empty() && !line.items[0].comment.empty()) {
        absl::StrAppend(&comment, comment.empty() ? "" : "; ", line.items[0].comment);
      }
      absl::StrAppend(&out, line.key, " = ", line.value, short_list, AtEnd(comment), "\n");
      continue;
    }
    absl::StrAppend(&out, line.key, " = [", AtEnd(line.comment), "\n");
    for (const TomlItem& item : line.items) {
      AppendComments("  ", item.before, &out);
      absl::StrAppend(&out, "  ", item.value, ",", AtEnd(item.comment), "\n");
    }
    absl::StrAppend(&out, "]\n");
  }
  AppendComments("", below_, &out);
  return out;
}

}  // namespace dpvrrp::keepalived
