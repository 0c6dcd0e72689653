// A command of WASI: answers what it reads in capitals after its variable GREETING, or ends as it is told.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[4 << 20];

int main(void) {
  size_t size = fread(text, 1, sizeof text - 1, stdin);
  if (strncmp(text, "exit ", 5) == 0) {
    printf("half an answer");
    fprintf(stderr, "told to end\n");
    return atoi(text + 5);
  }
  if (strcmp(text, "trap") == 0) __builtin_trap();
  for (volatile int forever = strcmp(text, "forever") == 0; forever;) {
  }
  const char *greeting = getenv("GREETING");
  if (greeting != NULL) fputs(greeting, stdout);
  for (size_t i = 0; i < size; i++) text[i] = (char)toupper((unsigned char)text[i]);
  fwrite(text, 1, size, stdout);
  return 0;
}
