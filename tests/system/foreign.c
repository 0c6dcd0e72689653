// A server that knows nothing of Lumos: HTTP/1.1 on $PORT, one connection at a time. GET /up answers 503 twice, then 204; POST
// /shout answers the body in capitals after $GREETING and X-Mark, with 201; everything else 404. Who it is and where it
// runs, GET /who says.
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char in[1 << 16], out[1 << 16];

static const char *field(const char *name, int length) {
  static char value[256];
  for (const char *line = in; line != NULL; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
    snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 2, "\r\n"), line + length + 2);
    return value;
  }
  return "";
}

static void answer(int fd, int status, const char *body) {
  int size = snprintf(out, sizeof out, "HTTP/1.1 %d Fine\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
  if (write(fd, out, size) < 0) exit(3);
}

static void serve(int fd, int *asked) {
  for (;;) {
    size_t have = 0;
    char *end = NULL;
    while (end == NULL) {
      ssize_t n = read(fd, in + have, sizeof in - 1 - have);
      if (n <= 0) return;
      in[have += (size_t)n] = '\0';
      end = strstr(in, "\r\n\r\n");
    }
    size_t length = (size_t)atoi(field("Content-Length", 14)), head = (size_t)(end + 4 - in);
    while (have < head + length) {
      ssize_t n = read(fd, in + have, sizeof in - 1 - have);
      if (n <= 0) return;
      in[have += (size_t)n] = '\0';
    }
    char body[1 << 12];
    if (strncmp(in, "GET /up ", 8) == 0) {
      answer(fd, ++*asked < 3 ? 503 : 204, "");
    } else if (strncmp(in, "GET /who ", 9) == 0) {
      snprintf(body, sizeof body, "%d:%d", (int)getuid(), (int)getgid());
      answer(fd, 200, body);
    } else if (strncmp(in, "POST /shout?a=1 ", 16) == 0) {
      const char *greeting = getenv("GREETING");
      int at = snprintf(body, sizeof body, "%s %s ", greeting ? greeting : "?", field("X-Mark", 6));
      for (size_t i = 0; i < length; ++i) body[at + (int)i] = (char)toupper((unsigned char)in[head + i]);
      body[at + (int)length] = '\0';
      answer(fd, 201, body);
    } else {
      answer(fd, 404, "");
    }
  }
}

int main(void) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
  int asked = 0, on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&any, sizeof any) != 0 || listen(listener, 16) != 0) return 1;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    serve(fd, &asked);
    close(fd);
  }
}
