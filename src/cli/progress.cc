#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace lumos {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

// Cut to so many characters, never inside one.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t characters = 0, i = 0;
  for (; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && characters++ == width) break;
  }
  return text.substr(0, i);
}

}  // namespace

ProgressLine::ProgressLine() : terminal_(::isatty(2) == 1) {}

ProgressLine::~ProgressLine() {
  if (open_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(const std::string& text) {
  const std::int64_t now = monotonic_ns(), pause = terminal_ ? 100'000'000 : 5'000'000'000;
  if (last_ns_ != 0 && now - last_ns_ < pause) return;
  last_ns_ = now;
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return;
  }
  open_ = true;
  std::fprintf(stderr, "\r%s\x1b[K", cut(text, terminal_width() - 1).c_str());
  std::fflush(stderr);
}

void ProgressLine::note(const std::string& text) {
  std::fprintf(stderr, "%s%s\n", open_ ? "\r\x1b[K" : "", text.c_str());
  open_ = false;
}

}  // namespace lumos
