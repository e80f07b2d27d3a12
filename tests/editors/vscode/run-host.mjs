// Runs host.js in the extension host, the way VS Code runs an extension's tests: run-host.mjs PORT WORKSPACE EXTENSION
import { format } from "node:util";
import path from "node:path";
import { withPage } from "./browser.mjs";

// A kill limit for a hung editor, not a measurement.
const PATIENCE = 240_000;
const [port, workspace, extension] = process.argv.slice(2);
const authority = `127.0.0.1:${port}`;
const remote = (file) => `vscode-remote://${authority}${file}`;
const payload = [
  ["extensionDevelopmentPath", remote(extension)],
  ["extensionTestsPath", remote(path.join(import.meta.dirname, "host.js"))],
];

process.exitCode = await withPage(async (page) => {
  let timer;
  const exit = new Promise((done) => {
    timer = setTimeout(() => done("timeout"), PATIENCE);
    page.exposeFunction("codeAutomationExit", done);
  });
  // The workbench logs here too; what the tests say begins with their verdict.
  await page.exposeFunction("codeAutomationLog", (_type, values) => {
    const text = format(...values);
    if (/^(not )?ok - /.test(text)) console.log(text);
  });
  await page.goto(`http://${authority}/?workspace=${workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const code = await exit;
  clearTimeout(timer);
  if (code === "timeout") console.log("timeout");
  return code === 0 ? 0 : 1;
});
