// SPDX-License-Identifier: BSD-3-Clause
#include "agent/message.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

constexpr uint8_t kVersion = 1;  // of all messages
constexpr size_t kMaxNewsText = 4096;

enum class Type : uint8_t { kProgram = 1, kFifoLine, kFinish, kReply, kNews, kWorkerEnded };

// A message begins with the version and its type.
class Writer {
 public:
  explicit Writer(Type type) : bytes_{static_cast<char>(kVersion), static_cast<char>(type)} {}

  template <typename Number>
  void Put(Number number) {
    static_assert(std::is_integral_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  void PutText(absl::string_view text) {
    Put(static_cast<uint32_t>(text.size()));
    bytes_.append(text.data(), text.size());
  }
  // A copy: g++ 14 wrongly warns that the move of a string reads out of bounds.
  std::string Take() const { return std::string(bytes_.data(), bytes_.size()); }

 private:
  std::string bytes_;
};

// After a fault every read returns an empty value, and complete() is false.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number Get() {
    static_assert(std::is_integral_v<Number>);
    Number number{};
    if (bytes_.size() < sizeof(number)) {
      Fail();
      return number;
    }
    std::memcpy(&number, bytes_.data(), sizeof(number));
    bytes_.remove_prefix(sizeof(number));
    return number;
  }
  std::string GetText() {
    const auto size = Get<uint32_t>();
    if (bytes_.size() < size) {
      Fail();
      return {};
    }
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  template <typename Enum>
  Enum GetEnum(Enum last) {
    const auto value = Get<uint8_t>();
    if (value > static_cast<uint8_t>(last)) Fail();
    return static_cast<Enum>(value);
  }
  // The type, or 0 if the message is of another version.
  Type GetType() {
    const auto version = Get<uint8_t>();
    const auto type = Get<uint8_t>();
    return version == kVersion ? static_cast<Type>(type) : Type{};
  }
  size_t left() const { return bytes_.size(); }
  bool complete() const { return !failed_ && bytes_.empty(); }

 private:
  void Fail() {
    failed_ = true;
    bytes_ = {};
  }

  absl::string_view bytes_;
  bool failed_ = false;
};

absl::Status CheckText(absl::string_view what, absl::string_view text) {
  if (text.find('\0') == absl::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " contains a zero byte"));
}

absl::Status CheckRequest(const ProgramRequest& request) {
  if (request.command.empty() || request.command.front().empty()) {
    return absl::InvalidArgumentError("the command is empty");
  }
  if (request.user.empty()) return absl::InvalidArgumentError("the user of the program is empty");
  if (request.timeout <= Nanoseconds(0) || request.timeout > kMaxProgramTimeout) {
    return absl::InvalidArgumentError(absl::StrCat("the timeout of the program is ", request.timeout.count(),
                                                   " ns; it must be over 0 and at most 24 h"));
  }
  for (const std::string& argument : request.command) {
    DPVRRP_RETURN_IF_ERROR(CheckText("the command", argument));
  }
  return CheckText("the user of the program", request.user);
}

absl::Status CheckLine(const FifoLine& line) {
  if (line.path.empty()) return absl::InvalidArgumentError("the path of the FIFO is empty");
  if (line.line.find('\n') != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(line.path, ": the line contains an end of line"));
  }
  DPVRRP_RETURN_IF_ERROR(CheckText("the path of the FIFO", line.path));
  return CheckText("the line", line.line);
}

ProgramRequest ReadRequest(Reader& reader) {
  ProgramRequest request;
  request.id = reader.Get<uint64_t>();
  request.timeout = Nanoseconds(reader.Get<int64_t>());
  request.user = reader.GetText();
  request.queue = reader.GetText();
  const auto arguments = reader.Get<uint32_t>();
  // Each argument has at least its length, so a false number ends the loop soon.
  for (uint32_t i = 0; i < arguments && reader.left() > 0; ++i) request.command.push_back(reader.GetText());
  if (request.command.size() != arguments) request.command.clear();  // CheckOrder() refuses it
  return request;
}

absl::Status NoOrder() { return absl::InvalidArgumentError("a message to the agent is malformed"); }

}  // namespace

absl::Status CheckOrder(const ProgramOrder& order) {
  if (const auto* request = std::get_if<ProgramRequest>(&order)) return CheckRequest(*request);
  return CheckLine(std::get<FifoLine>(order));
}

absl::StatusOr<std::string> EncodeOrder(uint64_t number, const ProgramOrder& order) {
  DPVRRP_RETURN_IF_ERROR(CheckOrder(order));
  std::string message;
  if (const auto* request = std::get_if<ProgramRequest>(&order)) {
    Writer writer(Type::kProgram);
    writer.Put(number);
    writer.Put(request->id);
    writer.Put(int64_t{request->timeout.count()});
    writer.PutText(request->user);
    writer.PutText(request->queue);
    writer.Put(static_cast<uint32_t>(request->command.size()));
    for (const std::string& argument : request->command) writer.PutText(argument);
    message = writer.Take();
  } else {
    const auto& line = std::get<FifoLine>(order);
    Writer writer(Type::kFifoLine);
    writer.Put(number);
    writer.PutText(line.path);
    writer.PutText(line.line);
    message = writer.Take();
  }
  if (message.size() <= kMaxAgentMessage) return message;
  return absl::InvalidArgumentError(
      absl::StrCat("the request for the agent has ", message.size(), " bytes; at most ", kMaxAgentMessage, " fit"));
}

std::string EncodeFinish(uint64_t number, FinishOrder order) {
  Writer writer(Type::kFinish);
  writer.Put(number);
  writer.Put(int64_t{order.longest.count()});
  return writer.Take();
}

std::string EncodeReport(const AgentReport& report) {
  if (const auto* reply = std::get_if<NumberedReply>(&report)) {
    Writer writer(Type::kReply);
    writer.Put(reply->number);
    writer.Put(reply->reply.id);
    writer.Put(static_cast<uint8_t>(reply->reply.outcome));
    writer.Put(int32_t{reply->reply.status});
    writer.PutText(absl::string_view(reply->reply.text).substr(0, kMaxProgramText));
    return writer.Take();
  }
  if (const auto* news = std::get_if<AgentNews>(&report)) {
    Writer writer(Type::kNews);
    writer.Put(static_cast<uint8_t>(news->kind));
    writer.Put(news->count);
    writer.PutText(absl::string_view(news->text).substr(0, kMaxNewsText));
    return writer.Take();
  }
  const auto& ended = std::get<WorkerEnded>(report);
  Writer writer(Type::kWorkerEnded);
  writer.Put(ended.taken);
  writer.PutText(absl::string_view(ended.text).substr(0, kMaxNewsText));
  return writer.Take();
}

absl::StatusOr<NumberedOrder> DecodeOrder(absl::string_view message) {
  if (message.size() > kMaxAgentMessage) return NoOrder();
  Reader reader(message);
  const Type type = reader.GetType();
  NumberedOrder numbered{.number = reader.Get<uint64_t>(), .order = {}};
  if (type == Type::kFinish) {
    numbered.order = FinishOrder{Nanoseconds(reader.Get<int64_t>())};
    if (!reader.complete()) return NoOrder();
    return numbered;
  }
  ProgramOrder order;
  if (type == Type::kProgram) {
    order = ReadRequest(reader);
  } else if (type == Type::kFifoLine) {
    FifoLine line;
    line.path = reader.GetText();
    line.line = reader.GetText();
    order = std::move(line);
  } else {
    return NoOrder();
  }
  if (!reader.complete() || !CheckOrder(order).ok()) return NoOrder();
  std::visit([&numbered](auto& known) { numbered.order = std::move(known); }, order);
  return numbered;
}

std::optional<uint64_t> PeekOrderNumber(absl::string_view start) {
  Reader reader(start);
  const Type type = reader.GetType();
  if (type != Type::kProgram && type != Type::kFifoLine && type != Type::kFinish) return std::nullopt;
  if (reader.left() < sizeof(uint64_t)) return std::nullopt;
  return reader.Get<uint64_t>();
}

absl::StatusOr<AgentReport> DecodeReport(absl::string_view message) {
  Reader reader(message);
  AgentReport report;
  const Type type = reader.GetType();
  if (type == Type::kReply) {
    NumberedReply reply;
    reply.number = reader.Get<uint64_t>();
    reply.reply.id = reader.Get<uint64_t>();
    reply.reply.outcome = reader.GetEnum(ProgramReply::Outcome::kLost);
    reply.reply.status = reader.Get<int32_t>();
    reply.reply.text = reader.GetText();
    report = std::move(reply);
  } else if (type == Type::kNews) {
    AgentNews news;
    news.kind = reader.GetEnum(AgentNews::Kind::kFifoFault);
    news.count = reader.Get<uint64_t>();
    news.text = reader.GetText();
    report = std::move(news);
  } else if (type == Type::kWorkerEnded) {
    WorkerEnded ended;
    ended.taken = reader.Get<uint64_t>();
    ended.text = reader.GetText();
    report = std::move(ended);
  } else {
    return absl::InvalidArgumentError("a message of the agent is malformed");
  }
  if (!reader.complete()) return absl::InvalidArgumentError("a message of the agent is malformed");
  return report;
}

}  // namespace dpvrrp
