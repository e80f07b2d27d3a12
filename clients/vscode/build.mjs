import { build } from "esbuild";

await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  minify: true,
  external: ["vscode"],
  format: "cjs",
  platform: "node",
  target: "node20",
});
