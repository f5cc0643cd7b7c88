// Run by test_editor_text.py: merging and line endings, over many small random texts.
import assert from "node:assert";
import { shaped, plain } from "../../static/src/js/editor/text/endings.js";
import { merge } from "../../static/src/js/editor/text/merge.js";
import { rank } from "../../static/src/js/editor/views/fuzzy.js";
import { branches, filesUnder } from "../../static/src/js/editor/views/tree-shape.js";

let seed = Number(process.argv[2]);
const below = (limit) => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
const lines = () => Array.from({ length: below(12) }, () => `${"abc"[below(3)]}\n`).join("") + (below(2) ? "z" : "");

const CASES = {
  "lines next to each other are both kept"() {
    const { text, conflicts } = merge("a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n");
    assert.deepEqual([text, conflicts], ["A\nB\nc\n", 0]);
  },
  "the same line is a conflict with both sides at hand"() {
    const { chunks, conflicts } = merge("a\nb\n", "x\nb\n", "y\nb\n");
    assert.equal(conflicts, 1);
    assert.deepEqual(chunks[0], { conflict: true, base: ["a\n"], mine: ["x\n"], theirs: ["y\n"] });
  },
  "two insertions at one place are a conflict"() {
    assert.equal(merge("a\nb\n", "a\nm\nb\n", "a\nt\nb\n").conflicts, 1);
  },
  "merging with an unchanged side gives the other"() {
    for (let round = 0; round < 3000; round += 1) {
      const [base, mine, theirs] = [lines(), lines(), lines()];
      assert.equal(merge(base, mine, base).text, mine);
      assert.equal(merge(base, base, theirs).text, theirs);
      assert.equal(merge(base, mine, mine).text, mine);
    }
  },
  "nothing either side added is missing from what a merge gives"() {
    for (let round = 0; round < 3000; round += 1) {
      const base = lines();
      const at = (text, word) => {
        const all = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
        all.splice(below(all.length + 1), 0, `${word}\n`);
        return all.join("");
      };
      const { chunks } = merge(base, at(base, "MINE"), at(base, "THEIRS"));
      const all = chunks.flatMap((chunk) => (chunk.conflict ? [...chunk.mine, ...chunk.theirs] : chunk.lines)).join("");
      assert.match(all, /MINE/);
      assert.match(all, /THEIRS/);
    }
  },
  "a text that was not edited keeps every ending and its mark"() {
    for (let round = 0; round < 3000; round += 1) {
      const parts = Array.from({ length: below(9) }, () => ["a", "b", "\r", "\n", "\r\n"][below(5)]);
      const file = (below(2) ? "\ufeff" : "") + parts.join("");
      assert.equal(shaped(plain(file), file), file);
    }
  },
  "an edited line keeps its own ending among mixed ones"() {
    assert.equal(shaped("a\nB\nc\nnew\nd", "a\r\nb\nc\rd"), "a\r\nB\nc\rnew\nd");
  },
  "a file is found by letters of its name before letters of its folders"() {
    const found = rank(["app/api/route.ts", "app/page.tsx", "lib/apage.md"], "page", []);
    assert.deepEqual(found.map((each) => each.path), ["app/page.tsx", "lib/apage.md"]);
  },
  "a tree has folders first and counts its siblings"() {
    const files = ["b.md", "a/x.ts", "a/b/y.ts"].map((path) => ({ path }));
    const rows = branches(files, new Set(["empty"]), () => true);
    assert.deepEqual(rows.map((row) => row.path), ["a", "a/b", "a/b/y.ts", "a/x.ts", "empty", "b.md"]);
    assert.deepEqual([rows[0].size, rows[0].place, rows[2].level], [3, 1, 3]);
    assert.deepEqual(filesUnder(files, "a"), ["a/x.ts", "a/b/y.ts"]);
  },
};

for (const [name, check] of Object.entries(CASES)) {
  try {
    check();
  } catch (error) {
    console.log(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
