// Opens a folder with one of its files in the real VS Code and prints, as JSON, how long the first finding took:
// measure.mjs PORT FOLDER FILE EXTENSION
import { withPage } from "../../tests/editors/vscode/browser.mjs";

// A kill limit for what never comes, not a measurement.
const PATIENCE = 120_000;
const [port, folder, file, extension] = process.argv.slice(2);
const authority = `127.0.0.1:${port}`;
const payload = encodeURIComponent(JSON.stringify([["openFile", `vscode-remote://${authority}${file}`]]));

/** Return what VS Code itself says about the extension's activation, in milliseconds. */
async function activation(page) {
  // Only rows in sight exist, and the slowest come first.
  await page.setViewportSize({ width: 1200, height: 5000 });
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type("Show Running Extensions");
  await page.waitForSelector('.quick-input-list .monaco-list-row.focused:has-text("Show Running Extensions")');
  await page.keyboard.press("Enter");
  const row = page.locator(".runtime-extensions-editor .extension", { hasText: extension }).first();
  await row.waitFor();
  const told = await row.locator(".activation-time").innerText();
  return Number(/(\d+)\s*ms/.exec(told)?.[1] ?? NaN);
}

const measured = await withPage(async (page) => {
  page.setDefaultTimeout(PATIENCE);
  const began = performance.now();
  await page.goto(`http://${authority}/?folder=${folder}&payload=${payload}`, { waitUntil: "commit" });
  await page.waitForSelector(".monaco-editor .squiggly-error");
  return { finding: performance.now() - began, activation: await activation(page) };
});
console.log(JSON.stringify(measured));
