// Ctrl-C and SIGTERM: the first ends the run after the current invocation, the second ends the program.
#pragma once

namespace lumos {

/// Installs the handlers. Main thread, once.
void watch_for_interrupts();
bool interrupted();

}  // namespace lumos
