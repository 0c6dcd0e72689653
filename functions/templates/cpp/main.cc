// Serves @name@.
#include "function.h"

int main() { return sdk::serve(answer); }
