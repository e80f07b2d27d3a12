"""Trust, settings and folders."""

import asyncio

import pytest

from milepost.lsp import options
from milepost.lsp.options import EditorOptions, ServerSettings
from tests.lsp import profiles
from tests.lsp.client import rules
from tests.lsp.memory import COURSE, WRONG


@pytest.fixture
def workspace(workspace):
    workspace.trusted = False
    return workspace


async def test_trust_is_asked_for_once_and_then_it_runs(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.choose = lambda params: params["actions"][0]["title"]
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    assert client.all("window/showMessageRequest") == []
    client.save(uri)
    question = await client.message("window/showMessageRequest")
    assert "Answers" in question["message"]
    assert str(folder / "milepost.yaml") in question["message"]
    await client.published(uri, lambda found: rules(found) == ["examples"])
    assert client.workspace.named("trust") == [("trust", True)]


async def test_without_trust_nothing_runs_and_nothing_is_asked_again(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.choose = lambda params: params["actions"][1]["title"]
    uri = client.open(folder / "answer.py", WRONG)
    for _ in range(3):
        client.save(uri)
        await client.message("workspace/codeLens/refresh")
    assert len(client.all("window/showMessageRequest")) == 1
    assert client.publications(uri)[-1]["diagnostics"] == []
    assert client.workspace.named("trust") == [("trust", False)]


async def test_a_no_can_be_taken_back_and_so_can_a_yes(connect, folder):
    """The way back is in sight as long as something does not run, and only so long."""
    client = await connect(profiles.VSCODE, folder)
    client.choose = lambda params: params["actions"][1]["title"]
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.wait("the no", lambda: client.workspace.named("trust"))
    document = {"textDocument": {"uri": uri}}
    _, lens = await client.request("textDocument/codeLens", document)
    assert "trust" in lens["command"]["title"]
    (action,) = await client.actions(uri, [], only=["source.milepost"])
    assert (action["kind"], action["command"]["command"]) == ("source.milepost.trust", "milepost.trust")
    client.choose = lambda params: params["actions"][0]["title"]
    await client.command(lens["command"]["command"], *lens["command"]["arguments"])
    await client.published(uri, lambda found: rules(found) == ["examples"])
    assert client.workspace.named("trust") == [("trust", False), ("trust", True)]
    assert len(await client.request("textDocument/codeLens", document)) == 1
    await client.command("milepost.trust", {"uri": uri, "granted": False})
    await client.wait("the other no", lambda: client.workspace.named("trust")[2:] == [("trust", False)])
    await client.wait("what it means", lambda: not next(iter(client.server.session.documents.values())).trusted)
    assert len(await client.request("textDocument/codeLens", document)) == 2


async def test_no_answer_to_the_second_question_leaves_the_first_answer(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    await client.command("milepost.trust", {"uri": uri})
    await client.message("window/showMessageRequest")
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    assert client.workspace.named("trust") == []


async def test_a_changed_course_is_asked_about_again(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.message("window/showMessageRequest")
    (folder / "milepost.yaml").write_text(COURSE + "# changed\n", "utf-8")
    client.save(uri)
    await client.message("window/showMessageRequest")
    assert client.workspace.named("trust") == []


async def test_an_answer_that_never_comes_holds_up_nothing(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.held.add("window/showMessageRequest")
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.message("window/showMessageRequest")
    await client.message("workspace/codeLens/refresh")
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    await client.leave()
    assert await client.serving == 0


async def test_an_editor_that_cannot_ask_leaves_the_folder_untrusted_and_says_what_to_do(connect, folder):
    client = await connect(profiles.MINIMAL, folder)
    client.refused.add("window/showMessageRequest")
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.message("window/showMessageRequest")
    await client.wait("the run", lambda: len(client.workspace.named("validate")) == 1)
    said = await client.message("window/showMessage", lambda shown: "milepost course trust" in shown["message"])
    assert str(folder) in said["message"]
    await client.settled()
    assert client.workspace.named("trust") == []


async def test_settings_come_from_the_editor_and_change(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.settings = {"language": "es", "codeLens": False}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.wait("the settings", lambda: client.server.session.language == "es")
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    assert await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) == []
    client.settings = {"codeLens": True, "language": ""}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.wait("the settings", lambda: client.server.session.language == "en")
    assert await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


async def test_settings_are_pushed_by_editors_that_cannot_be_asked(connect, folder):
    client = await connect(profiles.MINIMAL, folder, initializationOptions={"milepost": {"language": "es"}})
    assert client.server.session.language == "es"
    client.notify("workspace/didChangeConfiguration", {"settings": {"milepost": {"language": "en"}}})
    await client.settled()
    assert client.server.session.language == "en"


@pytest.mark.parametrize("value", [None, 5, "es", [], {"language": "fr"}, {"codeLens": "yes"}, {"repairSeconds": -1}])
async def test_settings_of_the_wrong_shape_change_nothing(connect, folder, value):
    client = await connect(profiles.MINIMAL, folder)
    client.notify("workspace/didChangeConfiguration", {"settings": value})
    await client.settled()
    assert client.server.session.options == EditorOptions()
    assert len(client.all("window/showMessage")) == (isinstance(value, dict))


async def test_the_editor_may_never_tell_its_settings(connect, folder):
    client = await connect()
    client.refused.add("workspace/configuration")
    await client.initialize(profiles.VSCODE, folder)
    await client.message("workspace/configuration")
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)


def test_the_language_is_the_settings_then_the_editors():
    settings = ServerSettings()
    assert options.language_of(EditorOptions(), None, settings) == "en"
    assert options.language_of(EditorOptions(), "es_MX", settings) == "es"
    assert options.language_of(EditorOptions(), "est", settings) == "en"
    assert options.language_of(EditorOptions(language="en"), "es", settings) == "en"
    assert options.language_of(EditorOptions(), "en", ServerSettings(language="es")) == "es"


def test_options_go_by_the_table_of_settings():
    given = {
        "language": "es",
        "interpreter": "/usr/bin/python3",
        "repairSeconds": 3,
        "codeLens": False,
        "dataDir": "/x",
    }
    read, refused = options.read(given, EditorOptions())
    assert read == EditorOptions("es", "/usr/bin/python3", 3, code_lens=False)
    assert refused == ()
    assert options.read({"interpreter": None}, read)[0].interpreter is None
    assert options.read({"repairSeconds": float("nan"), "interpreter": "a\0b"}, read) == (
        read,
        ("interpreter", "repairSeconds"),
    )


async def test_several_folders_come_and_go(connect, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for each in (first, second):
        each.mkdir()
        (each / "milepost.yaml").write_text(COURSE, "utf-8")
    client = await connect(profiles.VSCODE, first)
    event = {"added": [{"uri": second.as_uri(), "name": "second"}], "removed": [{"uri": first.as_uri(), "name": "f"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    await client.settled()
    assert client.server.session.folders == [str(second)]
    uris = [client.open(each / "answer.py", WRONG + "eval\n") for each in (first, second)]
    await asyncio.gather(*(client.wait(uri, lambda uri=uri: client.publications(uri)) for uri in uris))
    assert [rules(client.publications(uri)[-1]["diagnostics"]) for uri in uris] == [["forbids/call"]] * 2


async def test_the_editor_is_asked_to_watch_course_files(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    registered = (await client.message("client/registerCapability"))["registrations"]
    methods = {registration["method"] for registration in registered}
    assert methods == {"workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"}
    silent = await connect(profiles.MINIMAL, folder)
    await silent.settled()
    assert silent.all("client/registerCapability") == []
