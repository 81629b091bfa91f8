#include "runner/cli/render/table.h"

namespace pipeline::render {
namespace {

TEST(Table, AlignsColumnsByWhatIsSeen) {
  Table table({"name", "note"});
  table.add({{"a"}, {"one"}});
  table.add({{"größer"}, {"two"}});
  EXPECT_EQ(table.render(Color::no, 0),
            "name    note\n"
            "a       one\n"
            "größer  two\n");
}

TEST(Table, CutsTheLastColumnToTheWidth) {
  Table table({"name", "note"});
  table.add({{"a"}, {"a very long sentence that goes on"}});
  EXPECT_EQ(table.render(Color::no, 20),
            "name  note\n"
            "a     a very long s…\n");
}

TEST(Table, LeavesNoTrailingBlanks) {
  Table table({"name", "note"});
  table.add({{"longer than its heading"}, {""}});
  EXPECT_EQ(table.render(Color::no, 80),
            "name                     note\n"
            "longer than its heading\n");
}

TEST(Table, ColoursWithoutChangingTheShape) {
  Table table({"s", "n"});
  table.add({{"ok", Tint::good}, {"x"}});
  EXPECT_EQ(table.render(Color::yes, 80),
            "\x1b[2ms\x1b[0m   \x1b[2mn\x1b[0m\n"
            "\x1b[32mok\x1b[0m  x\n");
}

}  // namespace
}  // namespace pipeline::render
