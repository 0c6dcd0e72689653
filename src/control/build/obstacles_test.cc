#include "control/build/obstacles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct File {
  const char* name;
  std::string text;
};

class Obstacles : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  static std::string told(const Expected<std::vector<Obstacle>>& found) {
    if (!found) return found.error().message;
    std::string text;
    for (const auto& o : *found) text += std::format("{}={} ", name_of(o.topic), name_of(o.verdict));
    return text;
  }
  std::string look(const std::string& name = "") { return told(obstacles_of(runner_, folder_ / name)); }

  TemporaryFolder folder_;
  FakeCommandRunner runner_;
};

TEST_F(Obstacles, SourcesAreReadForSigns) {
  struct Case {
    std::vector<File> files;
    const char* told;
  };
  for (const auto& [files, expected] : std::vector<Case>{
           {{{"Cargo.toml", "[package]"}, {"src/main.rs", "fn main() {}\n// std::thread::spawn in words alone\n"}},
            "language=ok threads=ok sockets=ok tls=ok native=ok "},
           {{{"src/main.rs", "use std::net::TcpListener;\nstd::thread::spawn(f);\n"}},
            "language=ok threads=blocker sockets=blocker tls=ok native=ok "},
           {{{"src/main.rs", "fn main() {}\n"},
             {"Cargo.lock", "[[package]]\nname = \"ring\"\n[[package]]\nname = \"cc\"\n"}},
            "language=ok threads=ok sockets=ok tls=blocker native=unknown "},
           {{{"src/main.rs", "fn main() {}\n"}, {"Cargo.lock", "name = \"string\"\n"}},
            "language=ok threads=ok sockets=ok tls=ok native=ok "},
           {{{"src/main.rs", "x"}, {"Cargo.toml", "tokio = { version = \"1\", features = [\"full\"] }\n"}},
            "language=ok threads=blocker sockets=ok tls=ok native=ok "},
           {{{"a.c", "#include <sys/socket.h>\n#include <openssl/ssl.h>\n"}, {"b.S", "nop"}},
            "language=ok threads=ok sockets=blocker tls=blocker native=blocker "},
           {{{"a.cc", "#include <thread>\n"}}, "language=ok threads=blocker sockets=ok tls=ok native=ok "},
           {{{"main.go", "import \"C\"\nimport \"net/http\"\n"}},
            "language=unknown threads=ok sockets=blocker tls=ok native=blocker "},
           {{{"app.py", "import threading\n# import ssl\n"}, {"lib/fast.cpython-313.so", ""}},
            "language=blocker threads=blocker sockets=ok tls=ok native=blocker "},
           {{{"index.js", "const http = require('http')\n"}, {"node_modules/x/build/x.node", ""}},
            "language=blocker threads=ok sockets=blocker tls=ok native=blocker "},
           {{{"notes.txt", "std::thread"}},
            "language=unknown threads=unknown sockets=unknown tls=unknown native=unknown "}}) {
    for (const auto& file : files) put(file.name, file.text);
    EXPECT_EQ(look(), expected);
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove_all(entry.path());
  }
}

TEST_F(Obstacles, EvidenceSaysWhere) {
  put("src/main.rs", "fn main() {\n    std::thread::spawn(f);\n}\n");
  const auto found = obstacles_of(runner_, folder_.path());
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT((*found)[1].evidence, testing::Contains("src/main.rs:2: std::thread"));
  EXPECT_EQ((*found)[1].reason, "WASI preview 1 has no threads");
  EXPECT_THAT((*found)[0].evidence, ElementsAre("1 files, 3 lines, first src/main.rs"));
}

TEST_F(Obstacles, TheWorstIsSaidAndEvidenceHasAnEnd) {
  std::string lock = "name = \"rustls\"\n";
  for (const char* crate : {"ring", "openssl-sys", "native-tls", "aws-lc-sys", "boring-sys"})
    lock += std::format("name = \"{}\"\n", crate);
  put("src/main.rs", "x");
  put("Cargo.lock", lock);
  const auto found = obstacles_of(runner_, folder_.path());
  EXPECT_EQ((*found)[3].verdict, Verdict::kBlocker);
  EXPECT_EQ((*found)[3].evidence.size(), kMostEvidence);
  EXPECT_EQ((*found)[3].evidence[0], "Cargo.lock:2: ring");
}

TEST_F(Obstacles, ABinaryIsReadByItsSymbols) {
  runner_.answer = [](const Command&) {
    return CommandResult{.output =
                             " 0x01 (NEEDED)  Shared library: [libssl.so.3]\n"
                             "    12: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND socket@GLIBC_2.2.5 (3)\n"
                             "    13: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND pthread_create_not@X\n"};
  };
  put("server",
      "\x7f"
      "ELF... GCC: (Debian)");
  EXPECT_EQ(look("server"), "language=unknown threads=ok sockets=blocker tls=blocker native=ok ");
  runner_.answer = [](const Command&) { return CommandResult{}; };
  EXPECT_EQ(look("server"), "language=unknown threads=unknown sockets=unknown tls=unknown native=unknown ");
  put("go",
      "\x7f"
      "ELF\xff Go buildinf:");
  EXPECT_EQ(look("go"), "language=unknown threads=unknown sockets=unknown tls=unknown native=unknown ");
}

TEST_F(Obstacles, AModuleIsReadByItsImports) {
  const std::string begin("\0asm\x01\0\0\0", 8);
  put("m.wasm", begin);
  EXPECT_EQ(look("m.wasm"), "language=ok threads=ok sockets=ok tls=ok native=ok ");
  put("m.wasm", begin + std::string("\x02\x09\x01\x03"
                                    "env\x01"
                                    "f\0\0",
                                    11));
  EXPECT_EQ(look("m.wasm"), "language=ok threads=ok sockets=ok tls=ok native=blocker ");
  put("m.wasm", begin + "\x02");
  EXPECT_THAT(look("m.wasm"), HasSubstr("m.wasm: not a module of WebAssembly"));
}

TEST_F(Obstacles, ScriptsAndImagesOfInterpretersAreNamed) {
  put("run", "#!/usr/bin/env python3\n");
  EXPECT_EQ(look("run"), "language=blocker threads=unknown sockets=unknown tls=unknown native=unknown ");
  put("root/usr/bin/python3.13",
      "\x7f"
      "ELF");
  fs::create_symlink("/usr/bin/python3.13", folder_ / "root/usr/bin/python3");
  const auto image = [&](const std::vector<std::string>& argv) {
    return told(obstacles_of_image(runner_, folder_ / "root", argv, "/bin:/usr/bin"));
  };
  EXPECT_EQ(image({"python3", "app.py"}),
            "language=blocker threads=unknown sockets=unknown tls=unknown native=unknown ");
  EXPECT_EQ(image({"gone"}), "language=unknown threads=unknown sockets=unknown tls=unknown native=unknown ");
  fs::create_symlink("../../../../../../../../bin/sh", folder_ / "root/usr/bin/out");
  EXPECT_EQ(image({"out"}), "language=unknown threads=unknown sockets=unknown tls=unknown native=unknown ");
}

TEST_F(Obstacles, WhatIsNotThereIsRefused) { EXPECT_THAT(look("none"), HasSubstr("none: no folder and no file")); }

}  // namespace
}  // namespace lumos
