#include "control/build/obstacle_signs.h"

namespace lumos {
namespace {

using enum Place;
using enum Topic;
using enum Verdict;

constexpr std::string_view kNoThreads = "WASI preview 1 has no threads";
constexpr std::string_view kNoSockets =
    "WASI preview 1 makes no sockets, and what WasmEdge adds for it is not behind the language's own interface";
constexpr std::string_view kNoTls = "it brings C or assembler of its own, or needs a system library";
constexpr std::string_view kCompiledC = "it compiles C for its target: whether that fits wasi-libc is to be tried";
constexpr std::string_view kBinaryCode = "it is machine code of this processor";

constexpr Sign kSigns[] = {
    // Rust
    {kRust, "std::thread", kThreads, kBlocker, kNoThreads},
    {kRust, "thread::spawn", kThreads, kBlocker, kNoThreads},
    {kRust, "rayon::", kThreads, kBlocker, kNoThreads},
    {kRust, "std::net", kSockets, kBlocker, kNoSockets},
    {kRust, "TcpListener", kSockets, kBlocker, kNoSockets},
    {kRust, "tokio::net", kSockets, kBlocker, kNoSockets},
    {kCrate, "rayon", kThreads, kBlocker, kNoThreads},
    {kCrate, "rayon-core", kThreads, kBlocker, kNoThreads},
    {kCrate, "crossbeam-utils", kThreads, kUnknown, "it builds; who uses it may start threads"},
    {kCrate, "num_cpus", kThreads, kUnknown, "it builds; who uses it may start threads"},
    {kCrate, "mio", kSockets, kBlocker, kNoSockets},
    {kCrate, "socket2", kSockets, kBlocker, kNoSockets},
    {kCrate, "hyper", kSockets, kUnknown, "it speaks HTTP over sockets that somebody else makes"},
    {kCrate, "tokio", kThreads, kUnknown, "its full set of features does not build; some of them do"},
    {kCrate, "ring", kTls, kBlocker, kNoTls},
    {kCrate, "aws-lc-sys", kTls, kBlocker, kNoTls},
    {kCrate, "openssl-sys", kTls, kBlocker, kNoTls},
    {kCrate, "native-tls", kTls, kBlocker, kNoTls},
    {kCrate, "boring-sys", kTls, kBlocker, kNoTls},
    {kCrate, "rustls", kTls, kUnknown, "it depends on who does its cryptography"},
    {kCrate, "cc", kNative, kUnknown, kCompiledC},
    {kCrate, "cmake", kNative, kUnknown, kCompiledC},
    {kCrate, "bindgen", kNative, kUnknown, kCompiledC},
    {kCrate, "libsqlite3-sys", kNative, kUnknown, kCompiledC},
    {kCrate, "zstd-sys", kNative, kUnknown, kCompiledC},
    // C and C++
    {kC, "<pthread.h>", kThreads, kBlocker, kNoThreads},
    {kC, "pthread_create", kThreads, kBlocker, kNoThreads},
    {kC, "<thread>", kThreads, kBlocker, kNoThreads},
    {kC, "std::thread", kThreads, kBlocker, kNoThreads},
    {kC, "std::async", kThreads, kBlocker, kNoThreads},
    {kC, "#pragma omp", kThreads, kUnknown, "without OpenMP the pragma is passed over"},
    {kC, "fork(", kThreads, kBlocker, "WASI has no processes"},
    {kC, "<sys/socket.h>", kSockets, kBlocker, kNoSockets},
    {kC, "<netinet/in.h>", kSockets, kBlocker, kNoSockets},
    {kC, "<openssl/", kTls, kBlocker, kNoTls},
    {kC, "<gnutls/", kTls, kBlocker, kNoTls},
    {kC, "<mbedtls/", kTls, kUnknown, kCompiledC},
    {kC, "<immintrin.h>", kNative, kBlocker, "these are instructions of x86"},
    {kC, "<arm_neon.h>", kNative, kBlocker, "these are instructions of ARM"},
    {kC, "__asm__", kNative, kBlocker, "it is assembler"},
    {kC, "asm volatile", kNative, kBlocker, "it is assembler"},
    {kC, "<dlfcn.h>", kNative, kBlocker, "a module loads no libraries"},
    // Go
    {kGo, "go func", kThreads, kUnknown, "goroutines share the one thread there is"},
    {kGo, "\"net/http\"", kSockets, kBlocker, "Go's net listens on nothing under GOOS=wasip1"},
    {kGo, "\"net\"", kSockets, kBlocker, "Go's net listens on nothing under GOOS=wasip1"},
    {kGo, "\"crypto/tls\"", kTls, kUnknown, "it builds; there is no connection to speak it over"},
    {kGo, "import \"C\"", kNative, kBlocker, "GOOS=wasip1 has no cgo"},
    // Python
    {kPython, "import threading", kThreads, kBlocker, kNoThreads},
    {kPython, "from threading", kThreads, kBlocker, kNoThreads},
    {kPython, "import multiprocessing", kThreads, kBlocker, "WASI has no processes"},
    {kPython, "concurrent.futures", kThreads, kBlocker, kNoThreads},
    {kPython, "import subprocess", kThreads, kBlocker, "WASI has no processes"},
    {kPython, "import socket", kSockets, kBlocker, kNoSockets},
    {kPython, "http.server", kSockets, kBlocker, kNoSockets},
    {kPython, "import requests", kSockets, kBlocker, kNoSockets},
    {kPython, "import ssl", kTls, kBlocker, "CPython for WASI is built without it"},
    {kPython, "import ctypes", kNative, kBlocker, "a module loads no libraries"},
    {kPython, "import numpy", kNative, kBlocker, kBinaryCode},
    // Node
    {kNode, "worker_threads", kThreads, kBlocker, kNoThreads},
    {kNode, "child_process", kThreads, kBlocker, "WASI has no processes"},
    {kNode, "require('http')", kSockets, kBlocker, kNoSockets},
    {kNode, "require(\"http\")", kSockets, kBlocker, kNoSockets},
    {kNode, "from 'http'", kSockets, kBlocker, kNoSockets},
    {kNode, "from \"http\"", kSockets, kBlocker, kNoSockets},
    {kNode, "node:http", kSockets, kBlocker, kNoSockets},
    {kNode, "node:net", kSockets, kBlocker, kNoSockets},
    {kNode, "node:tls", kTls, kBlocker, kNoSockets},
    {kNode, "https", kTls, kUnknown, "it may be an address, or the module of that name"},
    // what is declared
    {kManifest, "features = [\"full\"]", kThreads, kBlocker, "tokio with all its features does not build for WASI"},
    {kManifest, "numpy", kNative, kBlocker, kBinaryCode},
    {kManifest, "pandas", kNative, kBlocker, kBinaryCode},
    {kManifest, "cryptography", kNative, kBlocker, kBinaryCode},
    {kManifest, "node-gyp", kNative, kBlocker, kBinaryCode},
    {kManifest, "\"express\"", kSockets, kBlocker, kNoSockets},
    {kManifest, "flask", kSockets, kBlocker, kNoSockets},
    {kManifest, "uvicorn", kSockets, kBlocker, kNoSockets},
    // files
    {kFile, ".node", kNative, kBlocker, kBinaryCode},
    {kFile, "binding.gyp", kNative, kBlocker, kBinaryCode},
    {kFile, ".so", kNative, kBlocker, kBinaryCode},
    {kFile, ".pyx", kNative, kBlocker, kBinaryCode},
    {kFile, ".s", kNative, kBlocker, "it is assembler"},
    {kFile, ".S", kNative, kBlocker, "it is assembler"},
    // binaries
    {kSymbol, "pthread_create", kThreads, kBlocker, kNoThreads},
    {kSymbol, "fork", kThreads, kBlocker, "WASI has no processes"},
    {kSymbol, "execve", kThreads, kBlocker, "WASI has no processes"},
    {kSymbol, "socket", kSockets, kBlocker, kNoSockets},
    {kSymbol, "listen", kSockets, kBlocker, kNoSockets},
    {kSymbol, "SSL_new", kTls, kBlocker, kNoTls},
    {kSymbol, "SSL_CTX_new", kTls, kBlocker, kNoTls},
    {kSymbol, "gnutls_init", kTls, kBlocker, kNoTls},
    {kSymbol, "dlopen", kNative, kBlocker, "a module loads no libraries"},
    {kLibrary, "libssl.", kTls, kBlocker, kNoTls},
    {kLibrary, "libcrypto.", kTls, kBlocker, kNoTls},
    {kLibrary, "libgnutls.", kTls, kBlocker, kNoTls},
    {kLibrary, "libgomp.", kThreads, kBlocker, kNoThreads},
};

constexpr SourceLanguage kLanguages[] = {
    {"Rust", kRust, ".rs", kOk, "rustc compiles it for wasm32-wasip1"},
    {"C or C++", kC, ".c .cc .cpp .cxx .h .hh .hpp", kOk, "clang compiles it for wasm32-wasi, with wasi-libc"},
    {"Go", kGo, ".go", kUnknown, "Go compiles for GOOS=wasip1, which brings its whole runtime and no server"},
    {"Python", kPython, ".py", kBlocker,
     "it needs an interpreter: CPython runs on WASI, as megabytes of another program"},
    {"JavaScript", kNode, ".js .mjs .cjs .ts", kBlocker,
     "Node does not run on WASI; what runs there is another engine"},
};

// What else is known by its program.
constexpr Interpreter kInterpreters[] = {
    {"python", "Python"},  {"node", "JavaScript"}, {"java", "Java"},  {"ruby", "Ruby"},
    {"perl", "Perl"},      {"php", "PHP"},         {"dotnet", "C#"},  {"deno", "JavaScript"},
    {"bun", "JavaScript"}, {"bash", "a shell"},    {"sh", "a shell"}, {"busybox", "a shell"},
};

}  // namespace

std::span<const Sign> signs() { return kSigns; }
std::span<const SourceLanguage> source_languages() { return kLanguages; }
std::span<const Interpreter> interpreters() { return kInterpreters; }

}  // namespace lumos
