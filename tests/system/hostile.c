// A function that misbehaves in the way that its name in HOSTILE says, after it has answered nothing or one request.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HOSTILE
#error "compile with -DHOSTILE=fork_bomb and the like"
#endif

static void fork_bomb(void) {
  for (;;) fork();
}

static void memory_bomb(void) {
  for (;;) {
    char *p = malloc(16 << 20);
    if (p) memset(p, 1, 16 << 20);
  }
}

static void endless_output(void) {
  static char line[65536];
  memset(line, 'x', sizeof line);
  for (;;)
    if (write(1, line, sizeof line) < 0) exit(1);
}

// Answers 200, or 500 with what could be done, for ever.
static void answer(const char *done) {
  int l = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
  if (bind(l, (struct sockaddr *)&any, sizeof any) != 0 || listen(l, 8) != 0) exit(1);
  for (;;) {
    int c = accept(l, NULL, NULL);
    char buffer[65536], text[1024];
    if (read(c, buffer, sizeof buffer) <= 0) continue;
    int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\nLumos-Digest: %s\r\n\r\n",
                     done[0] ? "500 escaped" : "200 OK", done[0] ? done : "confined");
    if (write(c, text, (size_t)n) < 0) continue;
    close(c);
  }
}

// Answers 200 with the names of whatever a confined instance must not be able to do, but did.
static void escape(void) {
  char done[512] = "";
  if (mount("none", "/tmp", "tmpfs", 0, NULL) == 0 || mkdir("/m", 0755) != 0 || mount("none", "/m", "tmpfs", 0, NULL) == 0) strcat(done, "mount ");
  if (mknod("/disk", S_IFBLK | 0600, makedev(254, 0)) == 0) strcat(done, "mknod ");
  if (sethostname("x", 1) == 0) strcat(done, "sethostname ");
  if (chroot("/") == 0) strcat(done, "chroot ");
  if (setuid(0) != 0) strcat(done, "");
  FILE *sysrq = fopen("/proc/sys/kernel/hostname", "w");
  if (sysrq) strcat(done, "proc-sys ");
  struct sockaddr_in out = {.sin_family = AF_INET, .sin_port = htons(53)};
  inet_pton(AF_INET, "192.0.2.1", &out.sin_addr);
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(s, (struct sockaddr *)&out, sizeof out) == 0) strcat(done, "route-outside ");
  int raw = socket(AF_INET, SOCK_RAW, 1);
  if (raw >= 0) strcat(done, "raw-socket ");
  answer(done);
}

// What the image holds beside it: the test plants these.
static void planted(void) {
  char done[512] = "";
  if (open("/planted-device", O_RDONLY) >= 0 || (errno != EACCES && errno != EPERM)) strcat(done, "device ");
  for (const char *const *link = (const char *const[]){"/planted-link", "/planted-way-up", NULL}; *link; ++link)
    if (open(*link, O_RDONLY) >= 0) strcat(done, "link ");
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    execl("/planted-setuid", "planted-setuid", (char *)NULL);
    _exit(99);
  }
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) strcat(done, "setuid ");
  answer(done);
}

int main(int argc, char **argv) {
  (void)argc;
  if (strstr(argv[0], "planted-setuid")) return geteuid() == getuid() && getegid() == getgid() ? 0 : 1;
  HOSTILE();
  return 0;
}
