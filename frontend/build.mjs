// Bundles the adapters into edm_core/waveform/static, under names that hold a hash of their content:
// browsers and Streamlit cache assets without looking at a version.
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL("../edm_core/waveform/static/", import.meta.url));

const entryPoints = { player: "src/streamlit.ts", widget: "src/jupyter.ts", editor: "src/editing.ts", edit: "src/notebook.ts", audience: "src/jury/page.ts" };
const ours = new RegExp(`^(${Object.keys(entryPoints).join("|")})-[A-Z0-9]+\\.js$`);

/** Style sheets become text in the bundle, as small as it gets. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: code, loader: "text" };
    });
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints,
  outdir: out,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  plugins: [styles],
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

// The old ones go once the new ones are there.
const built = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of await readdir(out)) if (ours.test(name) && !built.has(name)) await rm(join(out, name));
