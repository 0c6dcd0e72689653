// A module that looks like a server by its imports, and is none: it waits for a while if told to, and ends with 3.
#include <stdlib.h>
#include <unistd.h>

__attribute__((import_module("wasi_snapshot_preview1"), import_name("sock_listen"))) int sock_listen(int fd, int backlog);

int main(int argc, char **argv) {
  if (argc > 100) return sock_listen(argc, argc);
  const char *wait = getenv("WAIT_S");
  if (wait != NULL) sleep((unsigned)atoi(wait));
  return 3;
}
