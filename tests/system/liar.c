// A function as the contract asks for, but for what it is told to get wrong when it is compiled. n: its invocations so far.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef COUNT
#define COUNT n
#endif
#ifndef TIMING
#define TIMING "receive;dur=0.001, compute;dur=0.001, handle;dur=0.002"
#endif
#ifndef DELAY_MS
#define DELAY_MS 0
#endif
#ifndef EACH
#define EACH
#endif
#ifndef NAME
#define NAME getenv("LUMOS_INSTANCE")
#endif

int main(void) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // the address was another instance's before
  const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
  if (bind(listener, (const struct sockaddr *)&any, sizeof any) != 0 || listen(listener, 8) != 0) return 1;
  static char request[65536], answer[1024];
  for (int n = 0;;) {
    const int client = accept(listener, NULL, NULL);
    while (read(client, request, sizeof request) > 0) {
      ++n;
      usleep((DELAY_MS) * 1000);
      EACH;
      const int size = snprintf(answer, sizeof answer,
                                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nServer-Timing: %s\r\n"
                                "Lumos-Instance: %s\r\nLumos-Invocation: %d\r\nLumos-Digest: " DIGEST "\r\n\r\n{}",
                                TIMING, NAME, COUNT);
      if (write(client, answer, (size_t)size) != size) break;
    }
    close(client);
  }
}
