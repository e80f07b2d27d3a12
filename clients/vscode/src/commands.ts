import {
  commands,
  type ExtensionContext,
  l10n,
  type QuickPickItem,
  type TextEditor,
  Uri,
  window,
  workspace,
} from "vscode";
import { fileOf, type GoalsView, type Task } from "./goals";
import type { Server } from "./server";
import { programEditor, type TaskPanel } from "./task";

const SCHEME = "milepost";

interface HistoryEntry {
  created_at: string;
  passed: boolean | null;
  score: number | null;
  text: string;
}

interface Similar {
  code: string;
  distance: number;
}

/** Texts that are compared with a file; each is kept as long as its editor may ask for it. */
class Texts {
  private readonly texts = new Map<string, string>();
  private count = 0;

  keep(name: string, text: string): Uri {
    const uri = Uri.from({ scheme: SCHEME, path: `/${(this.count += 1)}/${name}` });
    this.texts.set(uri.toString(), text);
    return uri;
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }
}

export function registerCommands(context: ExtensionContext, server: Server, goals: GoalsView, panel: TaskPanel): void {
  const texts = new Texts();
  const table: Record<string, (...given: never[]) => unknown> = {
    menu: () => showMenu(server),
    startCourseHere: () => startCourse(server),
    newGoalHere: () => newGoal(server),
    approveGoalHere: () => withEditor((editor) => server.execute("approveGoal", at(editor.document.uri))),
    check: () => withEditor((editor) => server.execute("validate", at(editor.document.uri))),
    hint: () => withEditor((editor) => takeHint(server, editor)),
    fix: () => commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.milepost", apply: "first" }),
    showTask: () => panel.show(),
    chooseTask: () => server.execute("selectTask"),
    openTask: (task: Task) => openTask(task),
    compareHistory: (task?: Task) => compareHistory(server, texts, task),
    compareSolution: () => withEditor((editor) => compareSolution(server, texts, editor)),
    refreshGoals: () => goals.refresh(),
    restart: () => server.restart(),
    showLog: () => server.log.show(),
  };
  context.subscriptions.push(
    workspace.registerTextDocumentContentProvider(SCHEME, texts),
    ...Object.entries(table).map(([name, act]) => commands.registerCommand(`milepost.${name}`, act)),
  );
}

function at(uri: Uri): { uri: string } {
  return { uri: uri.toString() };
}

async function withEditor(act: (editor: TextEditor) => unknown): Promise<void> {
  const editor = programEditor();
  if (editor) {
    await act(editor);
  } else {
    void window.showInformationMessage(l10n.t("Open a file of a task first."));
  }
}

async function showMenu(server: Server): Promise<void> {
  const entries: (QuickPickItem & { command: string })[] = server.running
    ? [
        { label: l10n.t("$(checklist) Show the task"), command: "milepost.showTask" },
        { label: l10n.t("$(lightbulb) Next hint"), command: "milepost.hint" },
        { label: l10n.t("$(wand) Apply the verified fix"), command: "milepost.fix" },
        { label: l10n.t("$(history) Compare with an earlier save"), command: "milepost.compareHistory" },
        { label: l10n.t("$(diff) Compare with a solution"), command: "milepost.compareSolution" },
        { label: l10n.t("$(target) Choose a task"), command: "milepost.chooseTask" },
        { label: l10n.t("$(add) Start a course"), command: "milepost.startCourseHere" },
        { label: l10n.t("$(add) A new goal"), command: "milepost.newGoalHere" },
      ]
    : [];
  entries.push(
    { label: l10n.t("$(debug-restart) Restart the server"), command: "milepost.restart" },
    { label: l10n.t("$(output) Show the log"), command: "milepost.showLog" },
  );
  const version = server.version ? `Milepost ${server.version}` : "Milepost";
  const chosen = await window.showQuickPick(entries, { title: version });
  if (chosen) {
    await commands.executeCommand(chosen.command);
  }
}

async function startCourse(server: Server): Promise<void> {
  const [open] = workspace.workspaceFolders ?? [];
  const [chosen] = open
    ? [open.uri]
    : ((await window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        openLabel: l10n.t("Start the course here"),
      })) ?? []);
  if (chosen) {
    await server.execute("startCourse", { folder: chosen.fsPath });
  }
}

/** Ask what somebody wants to learn; without an answer they write the goal themselves. */
async function newGoal(server: Server): Promise<void> {
  const wish = await window.showInputBox({
    title: l10n.t("A new goal"),
    prompt: l10n.t("What do you want to learn? Leave it empty to write the goal yourself."),
    placeHolder: l10n.t("I want to learn about dates"),
    ignoreFocusOut: true,
  });
  if (wish !== undefined) {
    await server.execute("newGoal", { wish });
  }
}

async function takeHint(server: Server, editor: TextEditor): Promise<void> {
  const [finding] = server.findings(editor.document, editor.selection.active.line);
  await server.execute("nextHint", { ...at(editor.document.uri), ...(finding ? { finding } : {}) });
}

async function openTask(task: Task): Promise<void> {
  const file = await fileOf(task);
  if (file) {
    await window.showTextDocument(file);
  } else {
    void window.showInformationMessage(l10n.t("The file of this task is not in an open folder."));
  }
}

async function compareHistory(server: Server, texts: Texts, task?: Task): Promise<void> {
  if (task?.files) {
    await openTask(task);
  }
  await withEditor(async (editor) => {
    const file = editor.document.uri;
    const entries = await server.execute<HistoryEntry[]>("history", { ...at(file), show: false });
    if (entries?.length === 0) {
      void window.showInformationMessage(l10n.t("Nothing of this file has been saved yet."));
      return;
    }
    const items = (entries ?? []).map((entry) => ({ label: label(entry), description: score(entry.score), entry }));
    const title = l10n.t("Compare with an earlier save");
    const chosen = items.length ? await window.showQuickPick(items, { title }) : undefined;
    if (chosen) {
      await compare(texts, file, chosen.entry.text, chosen.label);
    }
  });
}

function label(entry: HistoryEntry): string {
  const mark = entry.passed === null ? "$(dash)" : entry.passed ? "$(pass)" : "$(error)";
  return `${mark} ${new Date(entry.created_at).toLocaleString()}`;
}

function score(value: number | null): string {
  return value === null ? "" : value.toFixed(2);
}

async function compareSolution(server: Server, texts: Texts, editor: TextEditor): Promise<void> {
  const file = editor.document.uri;
  const found = await server.execute<Similar[]>("similar", { ...at(file), show: false });
  if (found?.length === 0) {
    void window.showInformationMessage(l10n.t("No validated program like this one is known."));
    return;
  }
  const items = (found ?? []).map((similar, index) => ({
    label: l10n.t("Solution {0}", index + 1),
    description: l10n.t("distance {0}", similar.distance.toFixed(2)),
    similar,
  }));
  const chosen = items.length > 1 ? await window.showQuickPick(items) : items[0];
  if (chosen) {
    await compare(texts, file, chosen.similar.code, chosen.label);
  }
}

async function compare(texts: Texts, file: Uri, other: string, title: string): Promise<void> {
  const name = file.path.split("/").at(-1) ?? "";
  const plain = title.replace(/\$\([^)]*\)\s*/, "");
  await commands.executeCommand("vscode.diff", texts.keep(name, other), file, `${plain} ↔ ${name}`);
}
