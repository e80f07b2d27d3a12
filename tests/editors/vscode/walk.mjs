// From a wrong program to a completed task, as a user goes: walk.mjs PORT FOLDER PICTURES
import fs from "node:fs";
import path from "node:path";
import { openFile, runCommand, save, withPage } from "./browser.mjs";

// A kill limit for what never comes, not a measurement.
const PATIENCE = 60_000;
const [port, folder, pictures] = process.argv.slice(2);
const file = path.join(folder, "average.py");

async function walk(page) {
  let step = "";
  // Nothing in a picture comes from where the mouse happens to be.
  const shot = async (name) => {
    await page.mouse.move(600, 500);
    await page.waitForSelector(".workbench-hover", { state: "detached" });
    await page.screenshot({ path: path.join(pictures, `vscode-${name}.png`) });
  };
  const doing = (what) => console.log(`ok - ${(step = what)}`);
  page.setDefaultTimeout(PATIENCE);
  try {
    await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`, { waitUntil: "domcontentloaded" });
    await page.waitForSelector(".explorer-folders-view .monaco-list-row");
    doing("the workbench shows the folder");

    await openFile(page, "average.py");
    await page.waitForSelector('.statusbar-item:has-text("Milepost: The average · –/3")');
    await page.waitForSelector('.codelens-decoration:has-text("Task 4 of")');
    doing("code lens and status bar say which task it is");

    await page.locator('.monaco-editor .view-line:has-text("def average")').first().click();
    await page.keyboard.press("End");
    await page.keyboard.type("  ");
    await save(page);
    await page.getByRole("button", { name: "Trust", exact: true }).click();
    doing("the first save asks for trust");

    await page.waitForSelector(".monaco-editor .squiggly-error, .monaco-editor .squiggly-warning");
    const marker = page.locator(".marker-widget").first();
    while (!(await marker.isVisible())) {
      // The question about trust may have the focus still; the key belongs to the editor.
      await page.locator('.monaco-editor .view-line:has-text("def average")').first().click();
      await page.keyboard.press("F8");
      await marker.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await page.waitForSelector('.codelens-decoration:has-text("score 0.")');
    doing("what is wrong is underlined");
    await shot("finding");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");

    await page.waitForSelector('[class*="lightbulb-auto-fix"], [class*="lightbulb-autofix"]');
    await page.waitForSelector('.statusbar-item:has-text("Milepost: The average · 2/3"):not(:has(.codicon-sync))');
    await page.keyboard.press("Control+.");
    await page.waitForSelector(".action-widget .monaco-list-row");
    doing("the light bulb offers fixes");
    await shot("quick-fix");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".tab.active.dirty");
    await save(page);
    await page.waitForSelector('.statusbar-item:has-text("Milepost: The average · 3/3")');
    doing("the fix completes the task");

    await page.locator('.activitybar .action-item a[aria-label="Milepost"]').click();
    await page.waitForSelector('.pane-body .monaco-list-row:has-text("average") .codicon-pass-filled');
    doing("the view Goals shows the completed task");
    await runCommand(page, "Milepost: Show the task and its criteria");
    const panel = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    await panel.locator('h1:has-text("The average")').waitFor();
    await panel.locator('li:has-text("examples")').first().waitFor();
    await page.waitForSelector('.statusbar-item:has-text("· 3/3"):not(:has(.codicon-sync))');
    doing("the panel opens beside the program");
    await shot("goals");

    await page.locator('.statusbar-item:has-text("Milepost:")').click();
    await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("Compare with a solution")');
    await page.keyboard.press("Escape");
    doing("a click on the status bar shows what can be done");
    await runCommand(page, "Welcome: Open Walkthrough...");
    await page.waitForSelector('.quick-input-list .monaco-list-row:has-text("Begin with Milepost")');
    await page.keyboard.type("Begin with Milepost");
    await page.keyboard.press("Enter");
    await page.waitForSelector('.gettingStartedContainer :text("Write, save, read")');
    doing("the walkthrough opens");
    console.log(`ok - on disk: ${JSON.stringify(fs.readFileSync(file, "utf8"))}`);
    return 0;
  } catch (error) {
    console.log(`not ok - after "${step}": ${error.message}`);
    await shot("failed");
    return 1;
  }
}

process.exitCode = await withPage(walk);
