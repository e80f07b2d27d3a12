import { commands, type Disposable, TabInputWebview, type TextEditor, Uri, window } from "vscode";
import type { HandlerResult, ShowDocumentParams, ShowDocumentResult } from "vscode-languageclient";
import type { Server } from "./server";

/** Where programs are: on a disk, or not saved yet. */
export const SCHEMES = ["file", "untitled"];

type Shown = HandlerResult<ShowDocumentResult, void>;

/** Return the editor of the program in use, also while a panel, the log or a compared text has the focus. */
export function programEditor(): TextEditor | undefined {
  const [active, ...others] = [window.activeTextEditor, ...window.visibleTextEditors];
  const isProgram = (editor?: TextEditor) => editor && SCHEMES.includes(editor.document.uri.scheme);
  return isProgram(active) ? active : others.find((editor) => editor?.document.uri.scheme === "file");
}

/** Show what the server asks to show; its pages as rendered Markdown beside the program. */
export async function showPage(params: ShowDocumentParams, next: () => Shown): Promise<Awaited<Shown>> {
  const uri = Uri.parse(params.uri);
  if (!/\/milepost-[^/]+\/[^/]+\.md$/.test(uri.path)) {
    return await next();
  }
  // An open preview follows the file by itself.
  if (!isOpen(uri)) {
    await commands.executeCommand("markdown.showPreviewToSide", uri);
  }
  return { success: true };
}

function isOpen(uri: Uri): boolean {
  const name = uri.path.split("/").at(-1) ?? "";
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.some(
    (tab) => tab.input instanceof TabInputWebview && /markdown\.preview/.test(tab.input.viewType) && tab.label.includes(name),
  );
}

/** The panel beside the program: what its task asks, and how far it is. */
export class TaskPanel implements Disposable {
  private readonly listening: Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly server: Server) {
    this.listening = [
      window.onDidChangeActiveTextEditor(() => this.followSoon()),
      server.onDidChange(() => this.followSoon()),
    ];
  }

  async show(): Promise<void> {
    const uri = programEditor()?.document.uri;
    await this.server.execute("task", uri ? { uri: uri.toString() } : undefined);
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.listening) {
      disposable.dispose();
    }
  }

  private followSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(), 600);
  }

  private async follow(): Promise<void> {
    const editor = programEditor();
    if (!editor || !this.server.running || !isOpen(Uri.file("task.md"))) {
      return;
    }
    // A file that no task claims leaves the panel as it is.
    await this.server.ask("task", { uri: editor.document.uri.toString() }).catch(() => undefined);
  }
}
