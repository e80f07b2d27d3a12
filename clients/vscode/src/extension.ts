import { type ExtensionContext, l10n, workspace } from "vscode";
import { registerCommands } from "./commands";
import { GoalsView } from "./goals";
import { Server } from "./server";
import { Status } from "./status";
import { TaskPanel } from "./task";

let server: Server | undefined;

/** What other extensions, and the tests, can see. */
export interface Exports {
  server: Server;
  goals: GoalsView;
}

/** Start the server; called where a folder has a course, or when the user asks for something of Milepost. */
export function activate(context: ExtensionContext): Exports {
  server = new Server(context);
  const goals = new GoalsView(server);
  const panel = new TaskPanel(server);
  const status = new Status(server);
  context.subscriptions.push(server, goals, panel, status);
  registerCommands(context, server, goals, panel);
  workspace.onDidChangeConfiguration(
    (event) => event.affectsConfiguration("milepost.command") && server?.restart(),
    undefined,
    context.subscriptions,
  );
  workspace.onDidGrantWorkspaceTrust(() => server?.restart(), undefined, context.subscriptions);
  // Starting goes on in the background: nothing of the editor waits for it.
  void server.start();
  server.log.info(l10n.t("Milepost is active."));
  return { server, goals };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
