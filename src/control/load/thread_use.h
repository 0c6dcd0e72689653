// What the calling thread takes, and may take, of the machine.
#pragma once

#include "base/clock.h"
#include "base/error.h"

namespace lumos {

/// How long before a request is due a generator in real time wakes at most, and looks again and again from there on.
inline constexpr Nanoseconds kSpin = std::chrono::microseconds(50);

/// Whether the calling thread runs before every ordinary one on its core.
bool in_real_time();

/// CPU time of the calling thread.
Nanoseconds thread_cpu();

/// Lets this process have so many connections beside what it has open. Error: kEnvironment.
Expected<> allow_descriptors(int connections);

}  // namespace lumos
