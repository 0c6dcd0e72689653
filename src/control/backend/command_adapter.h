// What stands between the gateway and a command of WASI (docs/decisions/0018-commands.md): a request comes as HTTP, and
// its body goes to the command's standard input; what the command writes to its standard output is the answer.
#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "host/process.h"
#include "http/message.h"

namespace lumos {

/// The longest answer of a command.
inline constexpr std::size_t kMaxCommandOutput = 64 << 20;

/// A listener on a port of a network namespace, which does not block. Error: kEnvironment.
Expected<Fd> listen_in(const std::string& network, int port);

/// Serves the one request of one command: 200 with what it wrote, or 502 with the reason when it failed or wrote too
/// much. One thread, which never waits here: it polls what add_waits() names and calls advance().
class CommandAdapter {
 public:
  /// Why the command has failed; "": it ended with 0; nullopt: it has not ended yet.
  using End = std::function<std::optional<std::string>()>;

  /// `log` gets the reasons of failures, and outlives the adapter. Error: kEnvironment.
  static Expected<CommandAdapter> make(Fd listener, int log, End end);

  /// The command's ends of its pipes, ours until let_go(), which is called when it has them.
  Streams streams() const { return {.input = command_input_.get(), .output = command_output_.get()}; }
  void let_go();

  /// Adds the descriptors that it waits for.
  void add_waits(std::vector<pollfd>& waits) const;
  /// The output has ended, and how the command ended is not known: look again soon, no descriptor will tell.
  bool waits_for_end() const { return request_ && !output_ && !answered_; }
  /// Does what can be done now.
  void advance();

 private:
  CommandAdapter(Fd listener, int log, End end) : listener_(std::move(listener)), log_(log), end_(std::move(end)) {}
  void accept();
  void read_request();
  void write_input();
  void read_output();
  void answer();
  void write_answer();

  Fd listener_, client_;
  int log_ = -1;
  End end_;
  Fd command_input_, command_output_;  // the command's
  Fd input_, output_;                  // ours
  http::Parser parser_{http::Parser::Kind::kRequest};
  std::optional<std::string> request_;  // the body, when it is whole
  std::string written_by_it_, answer_;
  std::size_t passed_ = 0, sent_ = 0;  // of the request to the command, of the answer to the gateway
  bool answered_ = false;
};

}  // namespace lumos
