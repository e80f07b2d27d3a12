// Runs inside the extension host of the real VS Code, with the extension loaded from its folder.
const assert = require("node:assert");
const fs = require("node:fs");
const vscode = require("vscode");

// A kill limit for what never comes, not a measurement.
const PATIENCE = 60_000;

async function wait(what, condition) {
  const start = Date.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() - start > PATIENCE) throw new Error(`never happened: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const folder = vscode.workspace.workspaceFolders[0].uri;
const file = vscode.Uri.joinPath(folder, "average.py");
const findings = () => vscode.languages.getDiagnostics(file).filter((one) => one.source === "milepost");
const everything = (document) => new vscode.Range(0, 0, document.lineCount, 0);
const extension = () => vscode.extensions.getExtension("milepost.milepost");
const lenses = () => vscode.commands.executeCommand("vscode.executeCodeLensProvider", file, 10);

async function insert(document, line, text) {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(line, 0), text);
  assert(await vscode.workspace.applyEdit(edit));
}

async function remove(document, line) {
  const edit = new vscode.WorkspaceEdit();
  edit.delete(document.uri, new vscode.Range(line, 0, line + 1, 0));
  assert(await vscode.workspace.applyEdit(edit));
}

/** Run a command that asks what to compare, take the first choice, and return both sides of the comparison. */
async function compared(command) {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
  void vscode.commands.executeCommand(command);
  const input = await wait(`a comparison by ${command}`, async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return shown instanceof vscode.TabInputTextDiff && shown;
  });
  await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  return [input.original, input.modified];
}

function serverProcesses() {
  const found = [];
  for (const name of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const command = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      if (parent === process.pid && command.includes("serve")) found.push(Number(name));
    } catch {
      // The process ended meanwhile.
    }
  }
  return found;
}

const tests = {
  "a folder with a course activates the extension": async () => {
    await wait("activation", () => extension().isActive);
    const { server } = extension().exports;
    await wait("a running server", () => server.running);
    assert.match(server.version, /^\d+\.\d+/);
  },
  "the code lens and the server's line agree": async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    const [lens] = await wait("a code lens", async () => {
      const found = await lenses();
      return found.length && found;
    });
    assert.match(lens.command.title, /^Task 4 of /);
    const { line, ...told } = await extension().exports.server.progress(document);
    assert.strictEqual(line, lens.command.title);
    assert.deepStrictEqual(told, { task: "The average", passed: null, criteria: 3 });
  },
  "a mistake in syntax shows while typing": async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await insert(document, 0, "def broken(:\n");
    await wait("a finding", () => findings().length === 1);
    await remove(document, 0);
    await wait("no finding", () => findings().length === 0);
  },
  "a save shows what is wrong, and hover explains it": async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await insert(document, document.lineCount, "\n");
    assert(await document.save());
    const finding = await wait("the failing examples", () => findings().find((one) => ruleOf(one) === "examples"));
    const place = finding.range.start;
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", file, place);
    assert(hovers.some((hover) => hover.contents.some((part) => part.value.length > 0)));
  },
  "a quick fix repairs the program": async () => {
    const document = await vscode.workspace.openTextDocument(file);
    const fix = await wait("a preferred fix", async () => {
      const found = await vscode.commands.executeCommand(
        "vscode.executeCodeActionProvider", file, everything(document), "quickfix");
      return found.find((action) => action.isPreferred && action.edit);
    });
    assert(fix.title.trim());
    assert(await vscode.workspace.applyEdit(fix.edit));
    assert(await document.save());
    await wait("no finding", () => findings().length === 0);
    await wait("all criteria", async () => (await lenses())[0]?.command.title.includes("score 1.00"));
  },
  "the view Goals knows the completed task": async () => {
    const { goals } = extension().exports;
    const task = await wait("a completed task", async () => {
      const [goal] = await goals.getChildren();
      const tasks = goal ? await goals.getChildren(goal) : [];
      return tasks.find((one) => one.status === "COMPLETED");
    });
    assert.deepStrictEqual(task.files, ["average.py"]);
    assert.strictEqual(goals.getTreeItem(task).iconPath.id, "pass-filled");
  },
  "an earlier save is compared in the diff editor": async () => {
    const [original, modified] = await compared("milepost.compareHistory");
    assert.strictEqual(modified.toString(), file.toString());
    assert.match((await vscode.workspace.openTextDocument(original)).getText(), /^def average/);
  },
  "a solution is compared in the diff editor": async () => {
    const [original, modified] = await compared("milepost.compareSolution");
    assert.strictEqual(modified.toString(), file.toString());
    assert.match((await vscode.workspace.openTextDocument(original)).getText(), /def average/);
  },
  "a file that was never saved is left alone until it is": async () => {
    const place = vscode.Uri.joinPath(folder, "staircase.py");
    fs.rmSync(place.fsPath);
    const document = await vscode.workspace.openTextDocument(place.with({ scheme: "untitled" }));
    await vscode.window.showTextDocument(document);
    const { server } = extension().exports;
    await insert(document, 0, "def broken(:\n");
    // The server answers in the order of its messages, so it has seen the text by now.
    assert.strictEqual(await server.progress(document), undefined);
    await vscode.commands.executeCommand("milepost.check");
    assert.deepStrictEqual(vscode.languages.getDiagnostics(document.uri), []);
    assert(server.running);
    assert(await document.save());
    await wait("a finding in the saved file", () => vscode.languages.getDiagnostics(place).length === 1);
  },
  "a task opens its file": async () => {
    await vscode.commands.executeCommand("milepost.openTask", { files: ["largest.py"] });
    assert(vscode.window.activeTextEditor.document.uri.path.endsWith("/largest.py"));
  },
  "a second folder has its own course": async () => {
    const other = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[1].uri, "greeting.py");
    const document = await vscode.workspace.openTextDocument(other);
    await vscode.window.showTextDocument(document);
    const { server } = extension().exports;
    await wait("its task", async () => (await server.progress(document))?.line.startsWith("Task 1 of "));
    await vscode.commands.executeCommand("milepost.openTask", { files: ["largest.py"] });
    assert.strictEqual(vscode.window.activeTextEditor.document.uri.path, other.path.replace("greeting", "largest"));
  },
  "a crashed server is started again and goes on": async () => {
    const { server } = extension().exports;
    const before = await wait("one server", () => serverProcesses().length === 1 && serverProcesses());
    process.kill(before[0], "SIGKILL");
    await wait("another server", () => {
      const now = serverProcesses();
      return now.length === 1 && now[0] !== before[0] && server.running;
    });
    const document = await vscode.workspace.openTextDocument(file);
    await insert(document, 0, "def broken(:\n");
    await wait("a finding", () => findings().length === 1);
    await remove(document, 0);
    await wait("no finding", () => findings().length === 0);
  },
  "the server's commands and the extension's live together": async () => {
    const known = await vscode.commands.getCommands(true);
    for (const name of ["milepost.validate", "milepost.progress", "milepost.menu", "milepost.showTask", "milepost.task", "milepost.trust"]) {
      assert(known.includes(name), name);
    }
  },
};

function ruleOf(diagnostic) {
  return typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
}

exports.run = async function () {
  // Each stands on what the one before it left, so the first failure is the end.
  for (const [name, test] of Object.entries(tests)) {
    await test().catch((error) => {
      console.log(`not ok - ${name}: ${error.stack}`);
      throw error;
    });
    console.log(`ok - ${name}`);
  }
};
