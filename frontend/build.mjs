// Bundles the adapters into edm_core/waveform/static, under names that hold a hash of their content:
// browsers and Streamlit cache assets without looking at a version.
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL("../edm_core/waveform/static/", import.meta.url));

const entryPoints = { player: "src/streamlit.ts", widget: "src/jupyter.ts", editor: "src/editing.ts", edit: "src/notebook.ts" };
const ours = new RegExp(`^(${Object.keys(entryPoints).join("|")})-[A-Z0-9]+\\.js$`);

for (const name of await readdir(out).catch(() => [])) {
  if (ours.test(name)) await rm(`${out}/${name}`);
}
await build({
  absWorkingDir: here,
  entryPoints,
  outdir: out,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  loader: { ".css": "text" },
  legalComments: "none",
  logLevel: "warning",
});
