// A file of its own in the package: most of the extension's code, loaded when the server is started and not before.
export * from "vscode-languageclient/node";
