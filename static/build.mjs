// Builds everything the pages load: node build.mjs OUT ICON,ICON,…
// The icon names come from `manage.py assets`, which finds them in templates and code.
import * as esbuild from "esbuild";
import fs from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const [out, iconNames = ""] = process.argv.slice(2);
if (!out) throw new Error("usage: node build.mjs OUT ICON,ICON,…");

const bundle = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  format: "iife",
  outdir: out,
  assetNames: "[name]",
  legalComments: "none",
  logLevel: "warning",
  loader: { ".woff2": "file", ".ttf": "file" },
};

/** Pages with their own script get one entry here; an imported stylesheet becomes `<name>.css`. */
const entries = {
  theme: "src/js/theme.js",
  app: "src/js/app.js",
  account: "src/js/account.js",
  passkeys: "src/js/passkeys.js",
  charts: "src/js/charts/main.js",
  editor: "src/js/editor/main.js",
  "search.worker": "src/js/editor/search.worker.js",
  "editor.worker": "node_modules/monaco-editor/esm/vs/editor/editor.worker.js",
};

/** Manifest storage follows sourceMappingURL comments and fails, as the maps are not shipped. */
function stripSourceMaps(folder) {
  for (const name of fs.readdirSync(folder).filter((each) => /\.(js|css)$/.test(each))) {
    const file = path.join(folder, name);
    const text = fs.readFileSync(file, "utf8");
    const clean = text
      .replace(/\/\*# sourceMappingURL=[^*]*\*\//g, "")
      .replace(/^\/\/# sourceMappingURL=.*$/gm, "");
    if (clean !== text) fs.writeFileSync(file, clean);
  }
}

function sprite(names) {
  const symbols = names.map((name) => {
    const file = path.join(here, "node_modules/bootstrap-icons/icons", `${name}.svg`);
    if (!fs.existsSync(file)) throw new Error(`bootstrap-icons has no icon "${name}"`);
    const body = fs.readFileSync(file, "utf8").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    return `<symbol id="${name}" viewBox="0 0 16 16">${body.trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

fs.mkdirSync(out, { recursive: true });
for (const name of fs.readdirSync(out).filter((each) => !each.startsWith("."))) {
  fs.rmSync(path.join(out, name), { recursive: true });
}
try {
  const icons = sprite(iconNames.split(",").filter(Boolean));
  await esbuild.build({ ...bundle, entryPoints: entries });
  stripSourceMaps(out);
  fs.writeFileSync(path.join(out, "icons.svg"), icons);
  fs.cpSync(path.join(here, "src/img"), out, { recursive: true });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
