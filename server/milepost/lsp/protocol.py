"""The protocol's message loop: every request is answered exactly once, whatever a client sends.

It stands on pygls for types, capabilities and sending, and takes over receiving: pygls keeps the futures of
notifications for ever, leaves malformed requests without an answer, keeps texts of its own and shows errors as popups.
"""

import asyncio
import inspect
import json
import logging
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method

logger = logging.getLogger("milepost.lsp")

_NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized
_INVALID_REQUEST = types.ErrorCodes.InvalidRequest
_INVALID_PARAMS = types.ErrorCodes.InvalidParams
_UNKNOWN_METHOD = types.ErrorCodes.MethodNotFound
_CANCELLED = types.LSPErrorCodes.RequestCancelled
_NOTEBOOK_METHODS = (
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)

MessageId = int | str
Handler = Callable[[Any], Any]


class RefusedError(JsonRpcException):
    """A request that cannot be fulfilled as it was made; its message is for the person who made it."""

    CODE = _INVALID_PARAMS


class MilepostProtocol(LanguageServerProtocol):
    """One connection's message loop; `exited` is called once with the exit status when the client says good-bye."""

    def __init__(self, server: Any, converter: Any) -> None:
        self.exited: Callable[[int], None] = lambda _status: None
        self._running: dict[MessageId, asyncio.Future[Any]] = {}
        self._initialized = False
        super().__init__(server, converter)
        for method in _NOTEBOOK_METHODS:
            self.fm.builtin_features.pop(method, None)

    @property
    def pending(self) -> int:
        """Return how many requests, of either side, wait for their answer."""
        return len(self._running) + len(self._request_futures)

    @staticmethod
    def decode(body: bytes) -> Any:
        """Return the JSON value in a body. Raises ValueError for what is none."""
        try:
            return json.loads(body)
        except RecursionError as error:
            raise ValueError("too deep") from error

    def receive(self, message: Any) -> None:
        """Take one message; never raises."""
        if isinstance(message, dict):
            self._take(message)
        else:
            self._refuse(None, _INVALID_REQUEST, "a message is an object")

    def refuse_bytes(self) -> None:
        """Answer to something that is no message."""
        self._refuse(None, types.ErrorCodes.ParseError, "not a message")

    def _take(self, message: dict[str, Any]) -> None:
        msg_id, method = message.get("id"), message.get("method")
        proper_id = isinstance(msg_id, (int, str)) and not isinstance(msg_id, bool)
        if method is None and ("result" in message or "error" in message):
            self._take_response(message)
        elif "id" in message and not proper_id:
            self._refuse(None, _INVALID_REQUEST, "an id is a number or a text")
        elif not isinstance(method, str) or message.get("jsonrpc") != self.VERSION:
            self._refuse(cast("MessageId | None", msg_id), _INVALID_REQUEST, "not a JSON-RPC 2.0 message")
        elif msg_id is None:
            self._take_notification(method, message)
        else:
            self._take_request(msg_id, method, message)

    def _take_notification(self, method: str, message: dict[str, Any]) -> None:
        awaited = method == types.EXIT or (self._initialized and not self._shutdown)
        known = method == types.CANCEL_REQUEST or method in self.fm.builtin_features or method in self.fm.features
        if not awaited or not known:
            return
        try:
            params = self._params(method, message, JsonRPCNotification)
            if method == types.CANCEL_REQUEST:
                self._cancel(params.id)
            else:
                _finish(self._get_handler(method)(params))
        except Exception as error:  # noqa: BLE001 # Nothing that a client sends ends the server.
            report(f"notification {method}", error)

    def _take_request(self, msg_id: MessageId, method: str, message: dict[str, Any]) -> None:
        refusal = self._untimely(msg_id, method)
        if refusal:
            self._refuse(msg_id, *refusal)
            return
        try:
            params = self._params(method, message, None)
        except Exception:  # noqa: BLE001 # Whatever is wrong with the parameters, the client is told.
            self._refuse(msg_id, _INVALID_PARAMS, f"wrong parameters for {method}")
            return
        try:
            outcome = _finish(self._get_handler(method)(params))
        except Exception as error:  # noqa: BLE001 # Nothing that a client sends ends the server.
            self._fail(msg_id, method, error)
            return
        if inspect.iscoroutine(outcome):
            task = self._running[msg_id] = asyncio.ensure_future(outcome)
            task.add_done_callback(partial(self._answer, msg_id, method))
        else:
            self._send_response(msg_id, outcome)

    def _untimely(self, msg_id: MessageId, method: str) -> tuple[int, str] | None:
        """Return why a request cannot be taken now, if so."""
        if method == types.INITIALIZE and self._initialized:
            return _INVALID_REQUEST, "initialized already"
        if method != types.INITIALIZE and not self._initialized:
            return _NOT_INITIALIZED, "initialize first"
        if self._shutdown:
            return _INVALID_REQUEST, "shut down already"
        if msg_id in self._running:
            return _INVALID_REQUEST, "a request with this id is running"
        if method not in self.fm.builtin_features and method not in self.fm.features:
            return _UNKNOWN_METHOD, f"unknown method {method}"
        return None

    def _params(self, method: str, message: dict[str, Any], otherwise: type | None) -> Any:
        message_type = self.get_message_type(method) or otherwise
        return getattr(self._converter.structure(message, message_type), "params", None) if message_type else None

    def _answer(self, msg_id: MessageId, method: str, task: "asyncio.Future[Any]") -> None:
        self._running.pop(msg_id, None)
        if task.cancelled():
            self._refuse(msg_id, _CANCELLED, "cancelled")
        elif error := task.exception():
            self._fail(msg_id, method, error)
        else:
            self._send_response(msg_id, task.result())

    def _fail(self, msg_id: MessageId, method: str, error: BaseException) -> None:
        if isinstance(error, JsonRpcException):
            self._refuse(msg_id, error.code, error.message)
            return
        report(f"request {method}", error)
        self._refuse(msg_id, types.ErrorCodes.InternalError, f"{method} failed")

    def _refuse(self, msg_id: MessageId | None, code: int, message: str) -> None:
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": int(code), "message": message}})

    def _cancel(self, msg_id: MessageId) -> None:
        if task := self._running.get(msg_id):
            task.cancel()

    def _take_response(self, message: dict[str, Any]) -> None:
        msg_id = message.get("id")
        future = self._request_futures.pop(msg_id, None) if isinstance(msg_id, (int, str)) else None
        result_type = self._result_types.pop(cast("MessageId", msg_id), None) if future else None
        if future is None or future.done():
            return
        try:
            if message.get("error") is not None:
                refusal = self._converter.structure(message["error"], types.ResponseError)
                future.set_exception(JsonRpcException.from_error(refusal))
            else:
                future.set_result(self._converter.structure(message, result_type).result if result_type else None)
        except Exception as error:  # noqa: BLE001 # A strange answer is an answer: whoever waits must not wait on.
            future.set_exception(error)

    def forget(self, future: "Future[Any]") -> None:
        """Stop waiting for the client's answer to a request."""
        for msg_id, waiting in list(self._request_futures.items()):
            if waiting is future:
                del self._request_futures[msg_id]
                self._result_types.pop(msg_id, None)

    def _send_data(self, data: Any) -> None:
        try:
            super()._send_data(data)
        except (OSError, ValueError):
            # The client closed its end; its reader will see that too.
            self.exited(0 if self._shutdown else 1)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> types.InitializeResult:  # type: ignore[override]
        """Answer with what the server can do."""
        result: types.InitializeResult = _drain(super().lsp_initialize(params))
        self._initialized = True
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> Any:
        """Stop working; only `exit` is expected now. The answer comes when the server has stored what was waiting."""
        self._shutdown = True
        for task in list(self._running.values()):
            task.cancel()
        for future in self._request_futures.values():
            future.cancel()
        self._request_futures.clear()
        self._result_types.clear()
        handler = self.fm.features.get(types.SHUTDOWN)
        return handler(None) if handler else None

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]
        """End the connection; the status says whether the client had asked for it before."""
        self.exited(0 if self._shutdown else 1)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Hand the document to the server, which keeps its own texts."""
        self.fm.features[types.TEXT_DOCUMENT_DID_OPEN](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Hand the changes to the server, which keeps its own texts."""
        self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Hand the end of the document to the server, which keeps its own texts."""
        self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE](params)

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Hand the wish to cancel to the server, which knows its own runs."""
        self.fm.features[types.WINDOW_WORK_DONE_PROGRESS_CANCEL](params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:
        """Run a command; commands take the list of their arguments as it came."""
        command = self.fm.commands.get(params.command)
        if command is None:
            raise RefusedError(f"unknown command {params.command}")
        return command(list(params.arguments or ()))


def _drain(steps: "Generator[Any, Any, Any]") -> Any:
    """Run a handler of pygls that names the handlers to call in between; all of ours answer at once."""
    answer = None
    while True:
        try:
            handler, args, kwargs = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = handler(*args, **(kwargs or {}))


def _finish(outcome: Any) -> Any:
    return _drain(outcome) if inspect.isgenerator(outcome) else outcome


def report(what: str, error: BaseException) -> None:
    """Log an error by its kind and place; its message could hold a part of somebody's text."""
    if isinstance(error, (asyncio.CancelledError, CancelledError)):
        return
    place, trace = "", error.__traceback__
    while trace:
        place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    logger.error("%s failed: %s at %s", what, type(error).__name__, place)
