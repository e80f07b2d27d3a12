import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { type ExtensionContext, extensions, l10n, ProgressLocation, window, workspace } from "vscode";

const execute = promisify(execFile);
const WINDOWS = process.platform === "win32";
const NAME = WINDOWS ? "milepost.exe" : "milepost";

/** How the server is started, and where that was found. */
export interface Command {
  program: string;
  args: string[];
  origin: string;
}

/** Return the server's command: the setting, the folder's Python environment, one installed here, PATH. */
export async function findServer(context: ExtensionContext): Promise<Command | undefined> {
  const [program, ...args] = workspace.getConfiguration("milepost").get<string[]>("command", []);
  if (program) {
    return { program, args: args.length ? args : ["serve", "--stdio"], origin: l10n.t("the setting") };
  }
  const found = [
    ...(workspace.isTrusted ? await environments() : []),
    { folder: binaries(installed(context)), origin: l10n.t("installed by the extension") },
    ...onPath(),
  ].find((place) => existsSync(join(place.folder, NAME)));
  return found && { program: join(found.folder, NAME), args: ["serve", "--stdio"], origin: found.origin };
}

interface Place {
  folder: string;
  origin: string;
}

async function environments(): Promise<Place[]> {
  const places = (workspace.workspaceFolders ?? []).map((folder) => ({
    folder: binaries(join(folder.uri.fsPath, ".venv")),
    origin: l10n.t("the folder's environment"),
  }));
  const python = await extensions.getExtension("ms-python.python")?.activate();
  const selected = python?.environments?.getActiveEnvironmentPath?.(workspace.workspaceFolders?.[0]?.uri)?.path;
  return selected
    ? [{ folder: dirname(selected), origin: l10n.t("the selected Python environment") }, ...places]
    : places;
}

function onPath(): Place[] {
  // An editor that was started from a desktop may not know the folder where pipx and uv put programs.
  const folders = [...(process.env.PATH ?? "").split(delimiter), join(homedir(), ".local", "bin")];
  return folders.filter(Boolean).map((folder) => ({ folder, origin: "PATH" }));
}

function installed(context: ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, "server");
}

function binaries(environment: string): string {
  return join(environment, WINDOWS ? "Scripts" : "bin");
}

/** Return the server's wheel that lies in the extension. */
function carried(context: ExtensionContext): string {
  const folder = context.asAbsolutePath("server");
  const [wheel] = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".whl")) : [];
  if (!wheel) {
    throw new Error(l10n.t("The extension came without its server; name one in the setting milepost.package."));
  }
  return join(folder, wheel);
}

/** Return a Python that is new enough and can make environments. */
async function findPython(): Promise<string> {
  const probe = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
  for (const name of WINDOWS ? ["py", "python"] : ["python3", "python3.13", "python3.12", "python3.11"]) {
    const fits = await execute(name, ["-c", probe]).then(
      () => true,
      () => false,
    );
    if (fits) {
      return name;
    }
  }
  throw new Error(l10n.t("Python 3.11 or newer with its module venv was not found."));
}

/** Install the server into an environment of the extension's own; tell whether that worked. */
export async function installServer(context: ExtensionContext): Promise<boolean> {
  const chosen = workspace.getConfiguration("milepost").get<string>("package");
  const title = l10n.t("Installing the Milepost server");
  return await window.withProgress({ location: ProgressLocation.Notification, title }, async (progress) => {
    const folder = installed(context);
    try {
      progress.report({ message: l10n.t("making a Python environment") });
      await execute(await findPython(), ["-m", "venv", "--clear", folder]);
      progress.report({ message: l10n.t("downloading") });
      const python = join(binaries(folder), WINDOWS ? "python.exe" : "python");
      await execute(python, ["-m", "pip", "install", "--disable-pip-version-check", chosen || carried(context)]);
      return true;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      const reason = stderr?.trim().split("\n").at(-1) || message;
      void window.showErrorMessage(l10n.t("The server could not be installed: {0}", reason));
      return false;
    }
  });
}
