// Named steps at which a test may kill a process, to prove that nothing is lost and nothing stays behind.
#pragma once

namespace lumos {

/// Ends this process at once, as SIGKILL would, when LUMOS_FAULT is "NAME", or at the n-th time when it is "NAME:n";
/// else costs one comparison. tests/system/test_faults.py finds every name in the sources and walks them all.
void fault_point(const char* name);

}  // namespace lumos
