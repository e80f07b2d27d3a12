// The headless browser in which the workbench of VS Code is shown.
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const require = createRequire(path.join(import.meta.dirname, "../../../clients/vscode/package.json"));
const { chromium } = require("playwright-core");

export async function withPage(act) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "milepost-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    viewport: { width: 1200, height: 720 },
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  try {
    return await act(context.pages()[0] ?? (await context.newPage()));
  } finally {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

export async function openFile(page, name) {
  await page.keyboard.press("Control+P");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(name);
  await page.waitForSelector(`.quick-input-list .monaco-list-row:has-text("${name}")`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.tab.active:has-text("${name}")`);
}

/** Run a command by its title, from the palette as a user does. */
export async function runCommand(page, title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(title);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${title}")`);
  await page.keyboard.press("Enter");
}

export async function save(page) {
  await page.keyboard.press("Control+S");
  await page.waitForSelector(".tab.active:not(.dirty)");
}
