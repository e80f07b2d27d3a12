import {
  type Disposable,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  Uri,
  window,
  workspace,
} from "vscode";
import type { Server } from "./server";
import { programEditor } from "./task";

/** A task and a goal as the server's `milepost.progress` answers. */
export interface Task {
  title: string;
  status: string;
  score: number | null;
  files: string[];
}

export interface Goal {
  title: string;
  status: string;
  percentage: number;
  tasks: Task[];
}

type Entry = Goal | Task;

const ICONS: Record<string, [string, string?]> = {
  COMPLETED: ["pass-filled", "testing.iconPassed"],
  IN_PROGRESS: ["play-circle", "charts.blue"],
  BLOCKED: ["error", "testing.iconFailed"],
};

/** The view of goals and tasks in the activity bar. */
export class GoalsView implements TreeDataProvider<Entry>, Disposable {
  private readonly changes = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly view: TreeView<Entry>;
  private timer: NodeJS.Timeout | undefined;
  private readonly listening: Disposable;

  constructor(private readonly server: Server) {
    this.view = window.createTreeView<Entry>("milepost.goals", { treeDataProvider: this, showCollapseAll: true });
    this.listening = server.onDidChange(() => this.refreshSoon());
  }

  refresh(): void {
    this.changes.fire();
  }

  async getChildren(entry?: Entry): Promise<Entry[]> {
    if (entry) {
      return "tasks" in entry ? entry.tasks : [];
    }
    // Asking opens the database; a folder without a course is left alone.
    if (!this.server.running || (await courseFiles()).length === 0) {
      return [];
    }
    try {
      return (await this.server.ask<Goal[]>("progress", { show: false })) ?? [];
    } catch (error) {
      this.server.log.warn(String(error));
      return [];
    }
  }

  getTreeItem(entry: Entry): TreeItem {
    return "tasks" in entry ? goalItem(entry) : taskItem(entry);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listening.dispose();
    this.view.dispose();
    this.changes.dispose();
  }

  /** Several changes that come together are one for the view. */
  private refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), 400);
  }
}

function goalItem(goal: Goal): TreeItem {
  const item = new TreeItem(goal.title, TreeItemCollapsibleState.Expanded);
  item.id = `goal ${goal.title}`;
  item.description = `${Math.round(goal.percentage)} %`;
  item.iconPath = icon(goal.status, "target");
  item.contextValue = "goal";
  return item;
}

function taskItem(task: Task): TreeItem {
  const item = new TreeItem(task.title);
  item.description = task.score === null ? "" : task.score.toFixed(2);
  item.iconPath = icon(task.status, "circle-large-outline");
  item.contextValue = "task";
  item.tooltip = `${task.title} · ${task.status}`;
  item.command = { command: "milepost.openTask", title: l10n.t("Open the task's file"), arguments: [task] };
  return item;
}

function icon(status: string, otherwise: string): ThemeIcon {
  const [name, color] = ICONS[status] ?? [otherwise];
  return new ThemeIcon(name, color ? new ThemeColor(color) : undefined);
}

async function courseFiles(): Promise<Uri[]> {
  return await workspace.findFiles("**/milepost.yaml", "**/{node_modules,.venv}/**", 50);
}

/** Return a task's file, looked for in the open courses, first in that of the program in use. */
export async function fileOf(task: Task): Promise<Uri | undefined> {
  const program = programEditor()?.document.uri.path ?? "";
  const isNear = (course: Uri) => Number(program.startsWith(Uri.joinPath(course, "../").path));
  const courses = (await courseFiles()).sort((one, other) => isNear(other) - isNear(one));
  for (const course of courses) {
    for (const name of task.files) {
      const file = Uri.joinPath(course, "..", name);
      const found = await workspace.fs.stat(file).then(
        () => true,
        () => false,
      );
      if (found) {
        return file;
      }
    }
  }
  return undefined;
}
