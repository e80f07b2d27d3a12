"""The commands, from an editor that knows nothing of them."""

from pathlib import Path
from urllib.request import url2pathname

import pytest

from milepost.lsp.commands import NAMES
from tests.lsp import profiles
from tests.lsp.client import RefusedError
from tests.lsp.memory import COURSE, RIGHT, WRONG
from tests.lsp.test_actions import reported

NEEDS_NO_DOCUMENT = {"milepost.newGoal", "milepost.startCourse", "milepost.progress", "milepost.explainRequest"}


def shown(params) -> str:
    return Path(url2pathname(params["uri"].removeprefix("file://"))).read_text("utf-8")


async def test_every_command_is_announced(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    assert set(client.capabilities["executeCommandProvider"]["commands"]) == set(NAMES)


@pytest.mark.parametrize("name", sorted(set(NAMES) - NEEDS_NO_DOCUMENT))
async def test_a_command_without_a_document_says_so(connect, folder, name):
    client = await connect(profiles.VSCODE, folder)
    with pytest.raises(RefusedError, match="Open a file of a task first"):
        await client.command(name)


@pytest.mark.parametrize(
    "arguments",
    [[{"uri": 5}], [{"folder": 5}], [{"strange": 1}], [5], [[]], [{}, {}], [{"uri": "file:///none.py"}, 1]],
)
@pytest.mark.parametrize("name", ["milepost.validate", "milepost.newGoal", "milepost.dismiss"])
async def test_wrong_arguments_are_refused(connect, folder, name, arguments):
    client = await connect(profiles.VSCODE, folder)
    with pytest.raises(RefusedError) as refused:
        await client.command(name, *arguments)
    assert refused.value.code == -32602


async def test_an_unknown_command_is_refused(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    with pytest.raises(RefusedError, match="unknown command") as refused:
        await client.command("milepost.unknown")
    assert refused.value.code == -32602


async def test_validate_runs_the_document_in_use(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.command("milepost.validate")
    await client.published(uri, lambda found: found and found[0]["data"]["fixes"])
    await client.command("milepost.validate", uri)
    await client.wait("the second run", lambda: len(client.workspace.named("validate")) == 2)


async def test_help_comes_in_steps(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    assert await client.command("milepost.nextHint") == 1
    assert (await client.message("window/showMessage"))["message"] == "Line 2: a number"
    place = await client.message("window/showDocument")
    assert place["uri"] == uri
    assert place["selection"]["start"] == {"line": 1, "character": 4}
    assert await client.command("milepost.nextHint") == 2
    assert (await client.message("window/showMessage"))["message"] == "too small"
    assert await client.command("milepost.nextHint") == 3
    assert (await client.message("workspace/applyEdit"))["edit"]["documentChanges"]
    with pytest.raises(RefusedError, match="no further hint"):
        await client.command("milepost.nextHint")
    taken = [("hint_taken", "examples", step) for step in (1, 2, 3)]
    await client.wait("the records", lambda: client.workspace.named("hint_taken") == taken)


async def test_a_fix_is_applied_by_command(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    await client.command("milepost.applyFix")
    edit = (await client.message("workspace/applyEdit"))["edit"]["documentChanges"][0]
    assert edit["textDocument"] == {"uri": uri, "version": 1}
    client.replace(uri, RIGHT)
    with pytest.raises(RefusedError, match="no verified fix"):
        await client.command("milepost.applyFix")


async def test_a_fix_that_the_editor_refuses_is_not_recorded(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.refused.add("workspace/applyEdit")
    await reported(client, folder)
    await client.command("milepost.applyFix")
    await client.message("workspace/applyEdit")
    await client.command("milepost.progress", {"show": False})
    assert client.workspace.named("fix_applied") == []


async def test_a_dismissed_finding_goes_and_its_reason_is_kept(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.choose = lambda params: params["actions"][1]["title"]
    uri, found = await reported(client, folder)
    await client.command("milepost.dismiss", {"uri": uri, "finding": found[0]["data"]["id"]})
    await client.published(uri, lambda found: not found)
    await client.wait("the record", lambda: client.workspace.named("dismiss") == [("dismiss", "examples", "wrong")])


async def test_a_dismissal_without_an_answer_changes_nothing(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    await client.command("milepost.dismiss")
    await client.message("window/showMessageRequest")
    await client.settled()
    assert client.publications(uri)[-1]["diagnostics"]
    assert client.workspace.named("dismiss") == []


async def test_a_reason_given_is_not_asked_for(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    await client.command("milepost.dismiss", {"uri": uri, "reason": "later"})
    await client.published(uri, lambda found: not found)
    assert client.all("window/showMessageRequest") == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("milepost.progress", ["Numbers", "50 %", "The answer", "expected `42`, got `41`"]),
        ("milepost.history", ["answer.py", "2026-01-02 03:04", "0.67"]),
        ("milepost.similar", ["```python", "return 42", "0.25"]),
        ("milepost.explain", ["**41**"]),
        ("milepost.explainRequest", ["http://localhost/v1/chat/completions", '{"model": "m"}', "2 secrets masked"]),
    ],
)
async def test_answers_are_shown_as_pages_and_returned_as_data(connect, folder, name, words):
    client = await connect(profiles.VSCODE, folder)
    await reported(client, folder)
    assert await client.command(name)
    page = shown(await client.message("window/showDocument"))
    assert all(word in page for word in words), page


async def test_pages_are_removed_at_the_end(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await reported(client, folder)
    await client.command("milepost.history")
    page = await client.message("window/showDocument")
    assert shown(page)
    await client.leave()
    await client.serving
    with pytest.raises(FileNotFoundError):
        shown(page)


async def test_an_editor_that_opens_no_files_gets_a_message(connect, folder):
    client = await connect(profiles.MINIMAL, folder)
    await reported(client, folder)
    await client.command("milepost.history")
    assert "2026-01-02" in (await client.message("window/showMessage"))["message"]
    answer = await client.command("milepost.history", {"show": False})
    assert answer[0]["created_at"] == "2026-01-02T03:04:00+00:00"


async def test_a_new_goal_is_a_template_to_fill_in(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    await client.command("milepost.newGoal")
    edit = (await client.message("workspace/applyEdit"))["edit"]["documentChanges"]
    assert edit[0]["kind"] == "create"
    assert edit[0]["uri"] == (tmp_path / "milepost.yaml").as_uri()
    assert edit[1]["edits"][0]["newText"] == "# goal\n"
    assert (await client.message("window/showDocument"))["uri"] == edit[0]["uri"]


async def test_a_new_goal_where_a_course_is_opens_it(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await client.command("milepost.newGoal")
    assert (await client.message("window/showDocument"))["uri"] == (folder / "milepost.yaml").as_uri()
    assert client.all("workspace/applyEdit") == []


async def test_a_new_goal_in_an_editor_that_makes_no_files(connect, tmp_path):
    client = await connect(profiles.EMACS, tmp_path, locale="es")
    await client.command("milepost.newGoal")
    assert shown(await client.message("window/showDocument")) == "# objetivo\n"
    assert str(tmp_path / "milepost.yaml") in (await client.message("window/showMessage"))["message"]


async def test_a_new_goal_without_a_folder(connect):
    client = await connect(profiles.VSCODE)
    with pytest.raises(RefusedError, match="Open a folder first"):
        await client.command("milepost.newGoal")


async def test_a_course_is_chosen_and_started(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    client.choose = lambda params: params["actions"][0]["title"]
    await client.command("milepost.startCourse")
    assert (await client.message("window/showDocument"))["uri"] == (tmp_path / "answer.py").as_uri()
    assert client.workspace.named("start_course") == [("start_course", "Answers")]


async def test_what_does_not_work_is_said(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    client.workspace.failing.add("start_course")
    await client.command("milepost.startCourse", {"course": "Answers"})
    assert "start_course is broken" in (await client.message("window/showMessage"))["message"]


async def test_a_task_is_selected(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri, _ = await reported(client, folder)
    await client.command("milepost.selectTask", {"uri": uri})
    assert "The answer" in (await client.message("window/showMessage"))["message"]
    (folder / "other.py").write_text("", "utf-8")
    client.choose = lambda params: params["actions"][1]["title"]
    await client.command("milepost.selectTask")
    assert (await client.message("window/showDocument"))["uri"] == (folder / "other.py").as_uri()
    assert [call[1] for call in client.workspace.named("select_task")] == ["The answer", "Another answer"]


@pytest.mark.parametrize("known", [True, False])
async def test_a_task_is_told_with_its_criteria_and_the_help_taken(connect, folder, known):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    await client.published(uri)
    if not known:
        client.workspace.state = None
    told = await client.command("milepost.task", {"uri": uri, "show": False})
    assert (told["title"], told["position"], told["count"], told["files"]) == ("The answer", 1, 2, ["answer.py"])
    assert [one["passed"] for one in told["criteria"]] == [None, None, None]
    assert (told["status"], told["active"], told["hints"]) == (("IN_PROGRESS", True, 2) if known else (None, False, 0))
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    told = await client.command("milepost.task", {"uri": uri})
    assert [(one["kind"], one["passed"]) for one in told["criteria"]] == [
        ("defines", True), ("examples", False), ("forbids", True),
    ]  # fmt: skip
    page = shown(await client.message("window/showDocument"))
    assert "# The answer" in page
    assert "✗ examples: the reason" in page
    assert ("hints 2, fixes 1" in page) is known


async def test_word_of_what_was_stored_goes_to_editors_that_want_it(connect, folder):
    told = await connect({**profiles.VSCODE, "experimental": {"milepost": {"stored": True}}}, folder)
    uri = told.open(folder / "answer.py", WRONG)
    await told.published(uri)
    told.workspace._tell()
    assert await told.message("milepost/stored")
    plain = await connect(profiles.VSCODE, folder)
    await plain.published(plain.open(folder / "answer.py", WRONG))
    plain.workspace._tell()
    await plain.command("milepost.progress", {"show": False})
    assert plain.all("milepost/stored") == []


async def test_a_wish_becomes_a_draft_that_is_edited_and_approved(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    await client.command("milepost.newGoal", {"wish": "I want to learn FastAPI"})
    draft = await client.message("window/showDocument")
    assert shown(draft) == COURSE
    said = [one["message"] for one in client.all("window/showMessage")]
    assert any("No model is set." in one and "milepost.approveGoal" in one for one in said)
    uri = client.open(tmp_path / "milepost.draft.yaml", COURSE)
    edited = COURSE.replace("The answer", "Mine")
    client.replace(uri, edited)
    (lens,) = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert lens["command"]["title"] == "Approve this goal: store it and begin"
    await client.command(lens["command"]["command"], *lens["command"]["arguments"])
    await client.message("window/showDocument", lambda params: params["uri"].endswith("answer.py"))
    assert client.workspace.calls == [("draft", "I want to learn FastAPI"), ("approve", edited)]


async def test_only_a_draft_can_be_approved(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    await reported(client, folder)
    with pytest.raises(RefusedError, match=r"milepost\.draft\.yaml"):
        await client.command("milepost.approveGoal")


async def test_what_went_wrong_with_a_draft_is_said(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    client.workspace.failing.add("draft")
    await client.command("milepost.newGoal", {"wish": "anything"})
    await client.message("window/showMessage", lambda params: "draft is broken" in params["message"])
