// The least language client; COMMAND, the program and its arguments, is put in when it is built.
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const [command, ...args] = COMMAND;
  client = new LanguageClient("bare", "Bare", { command, args }, { documentSelector: [{ language: "python" }] });
  void client.start();
};

exports.deactivate = () => client?.stop();
