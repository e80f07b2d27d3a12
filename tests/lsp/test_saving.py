"""From a save to what the editor shows."""

import asyncio

import pytest

from tests.lsp import profiles
from tests.lsp.client import place_of, rules
from tests.lsp.memory import COURSE, RIGHT, SLOW, WRONG

BOTH = "def answer():\n    return 41\n\n\neval('1')\n"


@pytest.mark.parametrize("profile", profiles.ALL)
async def test_a_save_becomes_a_report(connect, folder, profile):
    client = await connect(profiles.ALL[profile], folder)
    assert client.capabilities["positionEncoding"] == profiles.ENCODINGS[profile]
    uri = client.open(folder / "answer.py", WRONG)
    first = await client.published(uri)
    assert first["diagnostics"] == []
    assert first["version"] == 1
    client.save(uri)
    found = (await client.published(uri, lambda found: rules(found) == ["examples"]))["diagnostics"][0]
    assert found["source"] == "milepost"
    assert found["range"] == place_of(1, 4, 1, 13)
    assert found["codeDescription"]["href"].endswith("rules.md#examples")
    client.replace(uri, RIGHT)
    client.save(uri)
    last = await client.published(uri, lambda found: not found)
    assert last["version"] == 2


@pytest.mark.parametrize("profile", profiles.ALL)
async def test_places_are_in_the_units_of_the_editor(connect, folder, profile):
    client = await connect(profiles.ALL[profile], folder)
    text = "def answer():\n    x = '𝒳é'; return 41\n"
    uri = client.open(folder / "answer.py", text)
    client.save(uri)
    found = await client.published(uri, rules)
    start = {"utf-8": 18, "utf-16": 15, "utf-32": 14}[profiles.ENCODINGS[profile]]
    assert found["diagnostics"][0]["range"] == place_of(1, start, 1, start + 9)
    hover = await client.request(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": start}}
    )
    assert "42" in hover["contents"]["value"]


async def test_nothing_is_opened_or_published_where_no_course_is_near(connect, tmp_path):
    async def never():
        raise AssertionError("no course is near")

    client = await connect(profiles.VSCODE, tmp_path, open_workspace=never)
    uri = client.open(tmp_path / "answer.py", "def broken(:\n")
    client.replace(uri, "def broken((:\n")
    client.save(uri)
    await client.settled()
    assert await client.actions(uri, []) == []
    client.close(uri)
    client.open("untitled:Untitled-1", "def broken(:\n")
    await client.settled()
    assert client.publications(uri) == []


async def test_a_file_that_no_task_claims_is_shown_as_clean(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "unclaimed.py", "def broken(:\n")
    client.replace(uri, "def broken((:\n")
    client.save(uri)
    # Nobody promises that two files are published in the order of their saves.
    await client.published(uri)
    claimed = client.open(folder / "answer.py", WRONG)
    client.save(claimed)
    await client.published(claimed, rules)
    assert [found["diagnostics"] for found in client.publications(uri)] == [[]]
    assert client.workspace.named("submit") == [("submit", WRONG)]


async def test_the_fast_answer_comes_first_and_is_replaced_without_flicker(connect, folder):
    """A finding that the fast stage cannot judge stays in sight until its criterion was judged again."""
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", BOTH)
    client.save(uri)
    await client.published(uri, lambda found: sorted(rules(found)) == ["examples", "forbids/call"])
    text = BOTH.replace("eval('1')", "# slow")
    client.replace(uri, text)
    before = len(client.publications(uri))
    client.save(uri)
    await client.published(uri, lambda found: rules(found) == ["examples"])
    client.workspace.release.set()
    await client.message("workspace/codeLens/refresh")
    assert all("examples" in rules(found["diagnostics"]) for found in client.publications(uri)[before:])


async def test_saving_the_same_text_again_publishes_nothing_new(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    for _ in range(3):
        client.save(uri)
        await client.message("workspace/codeLens/refresh")
    assert [len(found["diagnostics"]) for found in client.publications(uri)] == [0, 1, 1]
    assert [found["diagnostics"][0]["data"]["fixes"] for found in client.publications(uri)[1:]] == [0, 3]
    assert len(client.workspace.named("validate")) == 3


async def test_the_newest_save_wins_and_every_save_is_stored(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", SLOW)
    texts = [SLOW + f"# {number}\n" for number in range(5)]
    for text in texts:
        client.replace(uri, text)
        client.save(uri)
    client.replace(uri, RIGHT)
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    client.workspace.release.set()
    await client.settled()
    assert [call[1] for call in client.workspace.named("submit")] == [*texts, RIGHT]
    assert client.workspace.running == 0
    assert client.publications(uri)[-1]["diagnostics"] == []


async def test_opening_shows_the_last_report_of_the_same_text(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    client.close(uri)
    client.open(folder / "answer.py", WRONG, version=7)
    await client.published(uri, lambda found: found and found[0]["data"]["fixes"] == 3, version=7)
    assert len(client.workspace.named("validate")) == 1
    client.close(uri)
    client.open(folder / "answer.py", WRONG + "# changed\n", version=8)
    assert (await client.published(uri, version=8))["diagnostics"] == []


async def test_findings_move_with_the_text_and_go_when_their_line_is_edited(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", BOTH)
    client.save(uri)
    await client.published(uri, lambda found: len(found) == 2 and found[0]["data"]["fixes"])
    client.change(uri, {"range": place_of(0, 0, 0, 0), "text": "# first\n"})
    moved = await client.published(uri, lambda found: found[0]["range"]["start"]["line"] == 2)
    assert sorted(found["range"]["start"]["line"] for found in moved["diagnostics"]) == [2, 5]
    assert moved["version"] == 2
    client.change(uri, {"range": place_of(2, 13, 2, 13), "text": "0"})
    left = await client.published(uri, lambda found: len(found) == 1)
    assert rules(left["diagnostics"]) == ["forbids/call"]


async def test_syntax_follows_each_edit(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", RIGHT)
    await client.published(uri)
    client.change(uri, {"range": place_of(0, 12, 0, 13), "text": ""})
    broken = await client.published(uri, lambda found: rules(found) == ["syntax"])
    assert broken["version"] == 2
    client.change(uri, {"range": place_of(0, 12, 0, 12), "text": ":"})
    assert (await client.published(uri, lambda found: not found))["version"] == 3


async def test_a_program_that_cannot_be_read_shows_only_that(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", BOTH)
    client.save(uri)
    await client.published(uri, lambda found: len(found) == 2)
    client.replace(uri, BOTH + "def (\n")
    client.save(uri)
    found = await client.published(uri, lambda found: rules(found) == ["syntax"])
    assert found["version"] == 2


async def test_nothing_is_published_for_a_closed_document(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.published(uri, rules)
    client.replace(uri, SLOW)
    client.save(uri)
    await client.wait("the run", lambda: client.workspace.running)
    client.close(uri)
    await client.published(uri, lambda found: not found)
    client.workspace.release.set()
    other = client.open(folder / "other.py", WRONG)
    client.save(other)
    await client.published(other, rules)
    assert client.publications(uri)[-1]["diagnostics"] == []


async def test_a_saved_text_whose_lines_are_joined_with_a_backslash_is_the_same(connect, folder):
    """ALE for Vim sends such texts."""
    client = await connect(profiles.ALE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri, text=WRONG.replace("\n", "\\n"))
    await client.published(uri, rules)
    assert client.server.session.mismatches == 0
    assert client.server.session.documents[uri].text.text == WRONG


async def test_lsp_02_the_saved_text_wins_over_the_edits(connect, folder, caplog):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", RIGHT)
    client.save(uri, text=WRONG)
    await client.published(uri, rules)
    assert client.server.session.mismatches == 1
    assert client.server.session.documents[uri].text.text == WRONG
    assert "return" not in caplog.text
    client.change(uri, {"range": place_of(1, 11, 1, 13), "text": "42"})
    client.save(uri, text=RIGHT)
    await client.published(uri, lambda found: not found)
    assert client.server.session.mismatches == 1


async def test_a_run_that_fails_leaves_what_was_found_and_says_so_once(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.workspace.failing.add("validate")
    uri = client.open(folder / "answer.py", BOTH)
    client.save(uri)
    await client.message("window/showMessage")
    client.save(uri)
    await client.wait("the second run", lambda: len(client.workspace.named("validate")) == 2)
    await client.settled()
    assert rules(client.publications(uri)[-1]["diagnostics"]) == ["forbids/call"]
    assert len(client.all("window/showMessage")) == 1


async def test_a_text_that_breaks_the_first_look_is_stored_and_judged_all_the_same(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.workspace.failing.add("fast")
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.published(uri, lambda found: rules(found) == ["examples"])
    assert client.workspace.named("submit") == [("submit", WRONG)]
    assert client.all("window/showMessage") == []


async def test_remarks_are_calm(connect, folder):
    """Every remark is logged once, and only the first one of a session is put in front of the user."""
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    for note in ("the database is away", "the database is away", "the disk is full"):
        client.workspace.note = note
        client.save(uri)
        await client.message("workspace/codeLens/refresh")
    logged = [params["message"] for params in client.all("window/logMessage")]
    assert logged == ["the database is away", "the disk is full"]
    assert [params["message"] for params in client.all("window/showMessage")] == ["the database is away"]


async def test_a_workspace_that_cannot_be_opened_is_tried_again(connect, folder, workspace):
    attempts = []

    async def second_time():
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("no room")
        return workspace

    client = await connect(profiles.VSCODE, folder, open_workspace=second_time)
    uri = client.open(folder / "answer.py", WRONG)
    assert (await client.published(uri))["diagnostics"] == []
    await client.message("window/showMessage")
    client.save(uri)
    await client.published(uri, rules)
    assert len(attempts) == 2


async def test_a_course_file_shows_what_is_wrong_with_it_and_is_stored_when_saved(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    course = client.open(folder / "milepost.yaml", "course:\n", language="yaml")
    await client.published(course, lambda found: rules(found) == ["course"])
    client.save(course)
    client.replace(course, COURSE)
    await client.published(course, lambda found: not found)
    client.save(course)
    await client.wait("the course", lambda: client.workspace.named("store_goal"))
    assert client.workspace.named("store_goal") == [("store_goal", str(folder / "milepost.yaml"))]


async def test_a_new_course_wakes_documents_that_are_open(connect, tmp_path):
    client = await connect(profiles.VSCODE, tmp_path)
    uri = client.open(tmp_path / "answer.py", BOTH)
    (tmp_path / "milepost.yaml").write_text(COURSE, "utf-8")
    changed = [{"uri": (tmp_path / "milepost.yaml").as_uri(), "type": 1}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    await client.published(uri, lambda found: rules(found) == ["forbids/call"])
    (tmp_path / "milepost.yaml").unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    await client.published(uri, lambda found: not found)


async def test_word_of_a_course_file_that_is_the_same_disturbs_nothing(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.published(uri, lambda found: found and found[0]["data"]["fixes"])
    client.replace(uri, SLOW)
    client.save(uri)
    await client.wait("the run", lambda: client.workspace.running)
    before = len(client.publications(uri))
    changed = [{"uri": (folder / "milepost.yaml").as_uri(), "type": 2}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    await client.settled()
    client.workspace.release.set()
    await client.published(uri, lambda found: found and found[0]["data"]["fixes"], version=2)
    assert all(found["diagnostics"] for found in client.publications(uri)[before:])


async def test_a_run_goes_on_under_a_changed_course(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", SLOW)
    client.save(uri)
    await client.wait("the run", lambda: client.workspace.running)
    (folder / "milepost.yaml").write_text(COURSE + "# changed\n", "utf-8")
    changed = [{"uri": (folder / "milepost.yaml").as_uri(), "type": 2}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    await client.wait("a second run", lambda: len(client.workspace.named("validate")) == 2)
    client.workspace.release.set()
    await client.published(uri, rules)


async def test_without_watched_files_a_changed_course_is_noticed_at_the_next_save(connect, folder):
    client = await connect(profiles.MINIMAL, folder)
    other = client.open(folder / "unclaimed.py", BOTH)
    uri = client.open(folder / "answer.py", RIGHT)
    await client.published(other, lambda found: not found)
    await client.published(uri)
    (folder / "milepost.yaml").write_text(COURSE.replace("other.py", "unclaimed.py"), "utf-8")
    client.save(uri)
    await client.published(other, lambda found: rules(found) == ["forbids/call"])


async def test_a_course_file_that_cannot_be_read_is_said_calmly(connect, folder):
    (folder / "milepost.yaml").write_text("course: [", "utf-8")
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    assert (await client.published(uri))["diagnostics"] == []
    assert "milepost.yaml" in (await client.message("window/showMessage"))["message"]
    (folder / "milepost.yaml").write_text(COURSE, "utf-8")
    client.save(uri)
    await client.published(uri, rules)


async def test_progress_appears_only_for_runs_that_last_and_can_be_cancelled(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG)
    client.save(uri)
    await client.message("workspace/codeLens/refresh")
    assert client.all("window/workDoneProgress/create") == []
    client.replace(uri, SLOW)
    client.save(uri)
    begun = await client.message("$/progress", lambda params: params["value"]["kind"] == "begin")
    assert begun["value"]["cancellable"]
    assert "answer.py" in begun["value"]["title"]
    client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
    await client.message("$/progress", lambda params: params["value"]["kind"] == "end")
    await client.wait("the end of the run", lambda: client.workspace.running == 0)
    client.notify("window/workDoneProgress/cancel", {"token": "unknown"})
    client.replace(uri, RIGHT)
    client.save(uri)
    await client.published(uri, lambda found: not found)


async def test_an_editor_that_refuses_progress_gets_none(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    client.refused.add("window/workDoneProgress/create")
    uri = client.open(folder / "answer.py", SLOW)
    client.save(uri)
    await client.message("window/workDoneProgress/create")
    client.workspace.release.set()
    await client.published(uri, rules)
    assert client.all("$/progress") == []


async def test_a_review_comes_when_it_comes_and_adds_to_what_is_there(connect, folder):
    """The report is whole without it, its fixes stay, and a newer save ends it."""
    client = await connect(profiles.VSCODE, folder)
    uri = client.open(folder / "answer.py", WRONG + "# review\n")
    client.save(uri)
    found = await client.published(uri, lambda found: rules(found) == ["examples"])
    assert await client.actions(uri, found["diagnostics"])
    client.workspace.release.set()
    reviewed = await client.published(uri, lambda found: "review/naming" in rules(found))
    assert sorted(rules(reviewed["diagnostics"])) == ["examples", "review/naming"]
    assert reviewed["diagnostics"][0]["codeDescription"]["href"].endswith("rules.md#review")
    fixes = [one for one in await client.actions(uri, reviewed["diagnostics"]) if one.get("edit")]
    assert fixes
    client.workspace.release.clear()
    client.save(uri)
    client.replace(uri, RIGHT)
    client.save(uri)
    await client.published(uri, lambda found: not found)
    while client.workspace.running:
        await asyncio.sleep(0.01)


async def test_what_stands_on_a_file_is_validated_again_when_that_is_saved(connect, folder):
    client = await connect(profiles.VSCODE, folder)
    text = "# import other\n" + WRONG
    program = client.open(folder / "answer.py", text)
    client.save(program)
    await client.published(program, rules)
    other = client.open(folder / "other.py", RIGHT)

    async def save_until(count: int) -> None:
        client.save(other)
        await client.wait(
            "the program beside it", lambda: client.workspace.named("validate").count(("validate", text)) == count
        )

    client.replace(other, RIGHT + "# changed\n")
    await save_until(2)
    # The same again says nothing new about the program beside it.
    client.save(other)
    client.replace(other, RIGHT + "# changed again\n")
    await save_until(3)
