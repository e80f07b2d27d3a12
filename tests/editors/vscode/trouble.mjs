// A folder that is not trusted, no server, then one that crashes again and again: trouble.mjs PORT FOLDER DATA
// DATA is the folder of the server's data, by which its processes are known.
import fs from "node:fs";
import path from "node:path";
import { openFile, withPage } from "./browser.mjs";

// A kill limit for what never comes, not a measurement.
const PATIENCE = 120_000;
const RESTARTS = 5;
const [port, folder, data] = process.argv.slice(2);

/** Return the processes of language servers, by their command and the folder of their data. */
function servers() {
  return fs.readdirSync("/proc").filter((name) => {
    try {
      const command = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      const around = fs.readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      return command.includes("serve") && command.includes("--stdio") && around.includes(`MILEPOST_DATA_DIR=${data}`);
    } catch {
      return false;
    }
  });
}

async function wait(what, condition) {
  for (const start = Date.now(); Date.now() - start < PATIENCE; await new Promise((done) => setTimeout(done, 50))) {
    const value = condition();
    if (value) return value;
  }
  throw new Error(`never happened: ${what}`);
}

async function walk(page) {
  let step = "";
  const doing = (what) => console.log(`ok - ${(step = what)}`);
  const message = (text) => page.locator(".notification-toast", { hasText: text });
  const running = () => page.waitForSelector('.statusbar-item:has(.codicon-milestone):has-text("Milepost: The average")');
  page.setDefaultTimeout(PATIENCE);
  try {
    await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`, { waitUntil: "domcontentloaded" });
    await page.waitForSelector('.statusbar-item:has-text("Restricted Mode")');
    await message("none was found").waitFor();
    if (servers().length || (await message("none was found").count()) !== 1) throw new Error("not one message");
    doing("in a folder that is not trusted its environment is left alone, and one message offers to install");

    await openFile(page, "average.py");
    await message("none was found").getByRole("button", { name: "Install", exact: true }).click();
    await message("Installing the Milepost server").waitFor();
    await running();
    doing("the button installs the server, and it runs");

    for (let crash = 0; crash <= RESTARTS; crash += 1) {
      const [before] = await wait("one server", () => servers().length === 1 && servers());
      await running();
      process.kill(Number(before), "SIGKILL");
      await wait("the crashed server's end", () => !servers().includes(before));
    }
    await message("was not started again").waitFor();
    if (servers().length || (await message("was not started again").count()) !== 1) throw new Error("not one message");
    doing("after many crashes one message says so");
    await message("was not started again").getByRole("button", { name: "Start again" }).click();
    const [installed] = await wait("a server", () => servers().length === 1 && servers());
    await running();
    doing("the message starts it again");

    await page.locator('.statusbar-item:has-text("Restricted Mode")').click();
    await page.getByRole("button", { name: "Trust", exact: true }).first().click();
    const own = path.join(folder, ".venv");
    const [started] = await wait("another server", () => servers().length === 1 && servers()[0] !== installed && servers());
    await running();
    const around = fs.readFileSync(`/proc/${started}/environ`, "utf8").split("\0");
    if (!around.includes(`STARTED_FROM=${own}`)) throw new Error("the folder's environment is not used");
    doing("once the folder is trusted, its environment is used");
    return 0;
  } catch (error) {
    console.log(`not ok - after "${step}": ${error.message}`);
    console.log(await page.locator(".notification-toast").allInnerTexts());
    if (process.env.MILEPOST_PICTURES) await page.screenshot({ path: path.join(process.env.MILEPOST_PICTURES, "failed.png") });
    return 1;
  }
}

process.exitCode = await withPage(walk);
