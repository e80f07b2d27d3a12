import {
  commands,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  l10n,
  type LogOutputChannel,
  type TextDocument,
  type Uri,
  window,
  workspace,
} from "vscode";
import type {
  CloseHandlerResult,
  LanguageClient,
  Middleware,
  State,
  StaticFeature,
} from "vscode-languageclient/node";
import { type Command, findServer, installServer } from "./finding";
import { SCHEMES, showPage } from "./task";

const LANGUAGES = ["python", "javascript", "typescript", "java", "go", "rust", "c", "cpp"];
const RESTARTS = 5;
const FIRST_PAUSE = 250;
const CALM_MILLISECONDS = 180_000;

/** Most of the extension's code; loaded when the server is started, so that activating it takes no time. */
let library: typeof import("./library.js");

/** Says to the server that this client wants to know when what is stored of tasks and goals has changed. */
const STORED: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...capabilities.experimental, milepost: { stored: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** What the server is doing, as far as its user cares. */
export type Condition = "absent" | "starting" | "running" | "busy" | "stopped";

/** How far the task of a document is; `passed` is null before the first save, `line` says it all in words. */
export interface Progress {
  task: string;
  passed: number | null;
  criteria: number;
  line: string;
}

/** Let the editor go on first: what was asked to happen before this came back has happened. */
async function afterActivation(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

/** The running server: found, started, started again after a crash, asked. */
export class Server implements Disposable {
  readonly log: LogOutputChannel = window.createOutputChannel("Milepost", { log: true });
  private readonly changes = new EventEmitter<void>();
  /** Fires when the condition or the state of a task may have changed. */
  readonly onDidChange = this.changes.event;
  condition: Condition = "stopped";
  private client: LanguageClient | undefined;
  private crashes: number[] = [];
  private starting: Promise<void> | undefined;
  private readonly busy = new Set<string | number>();

  constructor(private readonly context: ExtensionContext) {}

  /** Return the server's version, as it says itself. */
  get version(): string | undefined {
    return this.client?.initializeResult?.serverInfo?.version;
  }

  /** Tell whether the server can be asked; between a crash and the next start it cannot. */
  get running(): boolean {
    return this.client?.state === library?.State.Running && (this.condition === "running" || this.condition === "busy");
  }

  start(): Promise<void> {
    return (this.starting = this.begin());
  }

  private async begin(): Promise<void> {
    this.become("starting");
    await afterActivation();
    library ??= require("./library.js");
    const command = await findServer(this.context);
    if (!command) {
      this.become("absent");
      void this.offerInstalling();
      return;
    }
    this.log.info(`${command.program} (${command.origin})`);
    const client = (this.client = this.create(command));
    try {
      await client.start();
      this.log.info(l10n.t("Server {0} from {1}", this.version ?? "?", command.origin));
    } catch (error) {
      this.log.error(String(error));
      if (this.client === client) {
        this.gaveUp();
      }
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client && client.state !== library.State.Stopped) {
      await client.stop().catch(() => undefined);
    }
    await client?.dispose().catch(() => undefined);
  }

  async restart(): Promise<void> {
    this.crashes = [];
    await this.stop();
    await this.start();
  }

  /** Run a command of the server; a refusal is shown to the user and gives undefined. */
  async execute<Result>(name: string, argument?: object): Promise<Result | undefined> {
    try {
      return await this.ask<Result>(name, argument);
    } catch (error) {
      void window.showInformationMessage((error as Error).message);
      return undefined;
    }
  }

  /** Run a command of the server; throws what it refuses with. */
  async ask<Result>(name: string, argument?: object): Promise<Result | undefined> {
    // A command may be what activated the extension.
    await this.starting;
    if (!this.client || !this.running) {
      throw new Error(l10n.t("The Milepost server is not running."));
    }
    const params = { command: `milepost.${name}`, arguments: argument ? [argument] : [] };
    return (await this.client.sendRequest(library.ExecuteCommandRequest.type, params)) as Result;
  }

  /** Return how far the task of a document is, as the line above it says. */
  async progress(document: TextDocument): Promise<Progress | undefined> {
    if (!this.client || !this.running) {
      return undefined;
    }
    const textDocument = { uri: this.client.code2ProtocolConverter.asUri(document.uri) };
    const lenses = await this.client.sendRequest(library.CodeLensRequest.type, { textDocument });
    const lens = lenses?.[0];
    return lens?.command && { ...(lens.data as Omit<Progress, "line">), line: lens.command.title };
  }

  /** Return the server's ids of its findings in a document, those of a line first. */
  findings(document: TextDocument, line: number): string[] {
    const shown = [...(this.client?.diagnostics?.get(document.uri) ?? [])];
    const distance = (from: number) => Math.abs(from - line);
    shown.sort((one, other) => distance(one.range.start.line) - distance(other.range.start.line));
    const sent = shown.map((diagnostic) => this.client?.code2ProtocolConverter.asDiagnostic(diagnostic).data?.id);
    return sent.filter((id): id is string => typeof id === "string");
  }

  dispose(): void {
    void this.stop();
    this.changes.dispose();
    this.log.dispose();
  }

  private create(command: Command): LanguageClient {
    const documentSelector = [
      ...SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
      { scheme: "file", pattern: "**/milepost{,.draft}.yaml" },
    ];
    const executable = { command: command.program, args: command.args };
    const client: LanguageClient = new library.LanguageClient("milepost", "Milepost", executable, {
      documentSelector,
      outputChannel: this.log,
      middleware: this.middleware(),
      errorHandler: {
        error: () => ({ action: library.ErrorAction.Continue, handled: true }),
        closed: () => this.closed(client),
      },
    });
    client.registerFeature(STORED);
    client.onNotification("milepost/stored", () => this.changes.fire());
    client.onDidChangeState((change) => client === this.client && this.follow(change.newState));
    return client;
  }

  private middleware(): Middleware {
    return {
      handleDiagnostics: (uri, diagnostics, next) => {
        next(uri, diagnostics);
        this.refreshLenses(uri);
        this.changes.fire();
      },
      provideCodeLenses: async (document, token, next) => {
        const lenses = await next(document, token);
        this.changes.fire();
        return lenses;
      },
      handleWorkDoneProgress: (token, params, next) => {
        next(token, params);
        this.busy[params.kind === "end" ? "delete" : "add"](token);
        this.become(this.busy.size ? "busy" : "running");
      },
      window: { showDocument: (params, token, next) => showPage(params, () => next(params, token)) },
    };
  }

  /** The line above a file depends on its report, which comes with its findings. */
  private refreshLenses(uri: Uri): void {
    const document = workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    const feature = this.client?.getFeature(library.CodeLensRequest.method);
    if (document) {
      feature?.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    }
  }

  private follow(state: State): void {
    this.busy.clear();
    if (state === library.State.Running) {
      this.become("running");
    } else if (state === library.State.Starting) {
      this.become("starting");
    }
  }

  /** Start again after a crash, later each time; after the last one say so, once. */
  private async closed(client: LanguageClient): Promise<CloseHandlerResult> {
    if (client !== this.client) {
      return { action: library.CloseAction.DoNotRestart, handled: true };
    }
    this.become("starting");
    const now = Date.now();
    this.crashes = [...this.crashes.filter((time) => now - time < CALM_MILLISECONDS), now];
    if (this.crashes.length > RESTARTS) {
      this.gaveUp();
      return { action: library.CloseAction.DoNotRestart, handled: true };
    }
    this.log.warn(l10n.t("The server ended; it is started again."));
    await new Promise((done) => setTimeout(done, FIRST_PAUSE * 2 ** (this.crashes.length - 1)));
    const action = client === this.client ? library.CloseAction.Restart : library.CloseAction.DoNotRestart;
    return { action, handled: true };
  }

  private gaveUp(): void {
    this.become("stopped");
    const again = l10n.t("Start again");
    const log = l10n.t("Show log");
    void window
      .showWarningMessage(l10n.t("The Milepost server ended and was not started again."), again, log)
      .then((chosen) => {
        if (chosen === again) {
          void this.restart();
        } else if (chosen === log) {
          this.log.show();
        }
      });
  }

  private async offerInstalling(): Promise<void> {
    const install = l10n.t("Install");
    const settings = l10n.t("Open settings");
    const text = l10n.t("Milepost needs its server, which is written in Python; none was found.");
    const chosen = await window.showInformationMessage(text, install, settings);
    if (chosen === install && (await installServer(this.context))) {
      await this.start();
    } else if (chosen === settings) {
      await commands.executeCommand("workbench.action.openSettings", "milepost.command");
    }
  }

  private become(condition: Condition): void {
    this.condition = condition;
    void commands.executeCommand("setContext", "milepost.running", condition === "running" || condition === "busy");
    this.changes.fire();
  }
}
