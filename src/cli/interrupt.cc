#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace lumos {
namespace {

volatile sig_atomic_t g_signals = 0;

void on_signal(int signal) {
  g_signals = g_signals + 1;
  const char* text = "\nlumos: ending after this invocation (again to end at once)\n";
  if (g_signals > 1) ::_exit(128 + signal);
  (void)!::write(2, text, std::strlen(text));
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return g_signals > 0; }

}  // namespace lumos
