import { type Disposable, l10n, StatusBarAlignment, type StatusBarItem, window } from "vscode";
import type { Progress, Server } from "./server";
import { programEditor } from "./task";

/** The status bar's line: how far the task of the active file is. */
export class Status implements Disposable {
  private readonly item: StatusBarItem = window.createStatusBarItem("milepost", StatusBarAlignment.Left, 10);
  private readonly disposables: Disposable[];

  constructor(private readonly server: Server) {
    this.item.name = "Milepost";
    this.item.command = "milepost.menu";
    this.disposables = [
      this.item,
      server.onDidChange(() => void this.update()),
      window.onDidChangeActiveTextEditor(() => void this.update()),
    ];
    this.item.show();
    void this.update();
  }

  dispose(): void {
    for (const disposable of this.disposables) {
      disposable.dispose();
    }
  }

  private async update(): Promise<void> {
    const document = programEditor()?.document;
    const progress = document && (await this.server.progress(document).catch(() => undefined));
    if (document === programEditor()?.document) {
      this.show(progress);
    }
  }

  private show(progress: Progress | undefined): void {
    const icons = { absent: "circle-slash", starting: "loading~spin", running: "milestone", busy: "sync~spin" };
    const { condition, version } = this.server;
    const icon = condition === "stopped" ? "circle-slash" : icons[condition];
    this.item.text = `$(${icon}) ${progress ? `Milepost: ${short(progress)}` : "Milepost"}`;
    const texts = {
      absent: l10n.t("No server was found."),
      starting: l10n.t("The server is starting."),
      running: l10n.t("Server {0}", version ?? "?"),
      busy: l10n.t("Checking your program."),
      stopped: l10n.t("The server is not running."),
    };
    this.item.tooltip = [progress?.line, texts[condition], l10n.t("Click to see what can be done.")].filter(Boolean).join("\n");
  }
}

function short({ task, passed, criteria }: Progress): string {
  return `${task} · ${passed ?? "–"}/${criteria}`;
}
