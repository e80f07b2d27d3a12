"""The yardstick: the least pygls server that parses with tree-sitter and reports syntax errors on open and save."""

import tree_sitter
import tree_sitter_python
from lsprotocol import types
from pygls.lsp.server import LanguageServer

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
server = LanguageServer("bare", "0")


def publish(uri: str) -> None:
    document = server.workspace.get_text_document(uri)
    diagnostics = [
        types.Diagnostic(
            range=types.Range(types.Position(*node.start_point), types.Position(*node.end_point)),
            message="syntax error",
            severity=types.DiagnosticSeverity.Error,
        )
        for node in errors(parser.parse(document.source.encode()).root_node)
    ]
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=uri, version=document.version, diagnostics=diagnostics)
    )


def errors(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    if node.type == "ERROR" or node.is_missing:
        return [node]
    return [error for child in node.children if child.has_error for error in errors(child)]


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(params: types.DidOpenTextDocumentParams) -> None:
    publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def did_save(params: types.DidSaveTextDocumentParams) -> None:
    publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def did_change(params: types.DidChangeTextDocumentParams) -> None:
    """Take part in incremental synchronisation."""


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
    return []


server.start_io()
