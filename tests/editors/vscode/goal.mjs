// From a wish in an empty folder to the first file of an approved goal: goal.mjs PORT FOLDER PICTURES
import fs from "node:fs";
import path from "node:path";
import { runCommand, withPage } from "./browser.mjs";

// A kill limit for what never comes, not a measurement.
const PATIENCE = 120_000;
const [port, folder, pictures] = process.argv.slice(2);
const draft = path.join(folder, "milepost.draft.yaml");

async function walk(page) {
  let step = "";
  const doing = (what) => console.log(`ok - ${(step = what)}`);
  page.setDefaultTimeout(PATIENCE);
  try {
    await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`, { waitUntil: "domcontentloaded" });
    // The extension's commands come with its view.
    await page.waitForSelector('.activitybar .action-item a[aria-label="Milepost"]');
    await runCommand(page, "Milepost: Ask for a goal, or write one");
    await page.waitForSelector('.quick-input-widget:has-text("What do you want to learn?")');
    await page.keyboard.type("search in lists and texts");
    await page.keyboard.press("Enter");
    doing("the command asks what to learn");

    await page.waitForSelector('.tab.active:has-text("milepost.draft.yaml")');
    await page.waitForSelector('.codelens-decoration:has-text("Approve this goal")');
    if (fs.existsSync(path.join(folder, "milepost.yaml"))) throw new Error("stored before it was approved");
    doing("a draft opens, with a line above it that approves it");
    await page.screenshot({ path: path.join(pictures, "vscode-draft.png") });

    await page.locator(".codelens-decoration a").first().click();
    await page.waitForSelector('.tab.active:has-text(".py")');
    await page.waitForSelector('.codelens-decoration:has-text("Task 1 of")');
    if (fs.existsSync(draft)) throw new Error("the draft stays");
    if (!fs.existsSync(path.join(folder, "milepost.yaml"))) throw new Error("nothing is stored");
    doing("the approved goal begins with its first file");
    return 0;
  } catch (error) {
    console.log(`not ok - after "${step}": ${error.message}`);
    await page.screenshot({ path: path.join(pictures, "vscode-failed.png") });
    return 1;
  }
}

process.exitCode = await withPage(walk);
