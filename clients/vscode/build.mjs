import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

await build({
  // The library is a file of its own, so that activating the extension neither reads nor parses it.
  entryPoints: ["src/extension.ts", "src/library.ts"],
  outdir: "dist",
  bundle: true,
  minify: true,
  external: ["vscode", "./library.js"],
  format: "cjs",
  platform: "node",
  target: "node20",
});

// The server's wheel goes into the package, so that one button can install it.
const root = path.join(import.meta.dirname, "../..");
const own = path.join(root, ".venv/bin/python");
const [python, options] = existsSync(own) ? [own, ["--no-build-isolation"]] : ["python3", []];
rmSync("server", { recursive: true, force: true });
const wheel = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", "server", ...options, root];
try {
  execFileSync(python, wheel, { stdio: "inherit" });
} catch {
  console.warn(`${python} has no pip, or no way to the tools that build; the extension goes without its server.`);
}
