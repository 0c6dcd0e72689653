#include "workload/wasm_imports.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

const std::string kBegin("\0asm\x01\0\0\0", 8);

std::string section(char id, const std::string& content) {
  return id + std::string(1, static_cast<char>(content.size())) + content;
}

std::string function(const std::string& name) {
  return std::string("\x03") + "env" + static_cast<char>(name.size()) + name + std::string(2, '\0');
}

TEST(WasmImports, NamesWhatAModuleAsksFor) {
  const std::string memory = std::string("\x03") + "env" + "\x03mem\x02\x01\x01\x02";
  const auto imports = wasm_imports(kBegin + section(0, "abc") +
                                    section(2, "\x03" + function("fd_write") + memory + function("sock_listen")));
  ASSERT_TRUE(imports.has_value()) << imports.error().message;
  ASSERT_EQ(imports->size(), 3U);
  EXPECT_EQ((*imports)[0].name, "fd_write");
  EXPECT_EQ((*imports)[1].module + "." + (*imports)[1].name, "env.mem");
  EXPECT_TRUE(listens(*imports));
}

TEST(WasmImports, AModuleMayAskForNothing) {
  const auto imports = wasm_imports(kBegin);
  ASSERT_TRUE(imports.has_value());
  EXPECT_TRUE(imports->empty());
  EXPECT_FALSE(listens(*imports));
}

TEST(WasmImports, WhatIsNoModuleIsRefused) {
  const std::string whole = kBegin + section(2, "\x01" + function("f"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == kBegin.size()) continue;  // a module that asks for nothing
    EXPECT_FALSE(wasm_imports(whole.substr(0, size)).has_value()) << size;
  }
  for (const std::string& bad :
       {std::string("\x7f"
                    "ELF"),
        std::string("\0asm\x0d\0\x01\0", 8),
        kBegin + section(2,
                         "\x01\x01"
                         "a\x01"
                         "b\x09"),
        kBegin + std::string("\x02\x80\x80\x80\x80\x80\x01", 7), kBegin + section(2, "\xff\xff\xff\xff\x0f")})
    EXPECT_FALSE(wasm_imports(bad).has_value());
}

}  // namespace
}  // namespace lumos
