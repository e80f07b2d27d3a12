"""`milepost report` as its reader sees it: on a terminal, as a page, in a spreadsheet, in a program."""

import csv
import html.parser
import io
import json
import re
from datetime import date

import pytest
from rich.console import Console

from milepost.cli import main, report_files, report_page, report_screen, report_words
from milepost.cli.report_scope import Scope
from milepost.domain.text import Localized
from milepost.events import figures, history
from milepost.events.history import Question
from tests.events import deeds

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e'\"&=1+1{name}" + "x" * 200


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return deeds.write(tmp_path_factory.mktemp("archive"), *deeds.two_learners())


@pytest.fixture(scope="module")
def report(archive):
    return reported(archive)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Give a report in which every name was chosen by somebody who means ill."""
    learners = [deeds.Learner(prefix + HOSTILE, course=HOSTILE, goal=HOSTILE) for prefix in ("=", "@")]
    for learner in learners:
        for minute in range(5):
            learner.saves(HOSTILE, f"03-01 10:0{minute}", True, False)
        learner.about(
            HOSTILE, deeds.SAVED, "03-01 11:00", score=0.0, passed=False, criteria=[[HOSTILE, False], "x", [1]]
        )
        learner.takes(HOSTILE, deeds.HINT, "03-01 11:01", step="<b>")
        learner.takes(HOSTILE, deeds.FIX, "03-01 11:01")
    return reported(deeds.write(tmp_path_factory.mktemp("hostile"), *learners))


def reported(archive, **question):
    return figures.report(history.read(archive, Question(**question)), date(2026, 3, 10))


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Give an archive in which a model was asked."""
    ada, bo = deeds.two_learners()
    ada.asks("Sum", "03-01 10:11", tokens_in=900, tokens_out=100, latency_ms=2500.0)
    ada.asks("Sum", "03-01 10:21", HOSTILE, tokens_in=10**11, tokens_out=8, latency_ms=1e12, useless=1)
    bo.asks(None, "03-09 08:05", tokens_in=30, tokens_out=20, latency_ms=1500.0)
    return deeds.write(tmp_path_factory.mktemp("asked"), ada, bo)


def on_screen(report, width=100, language="en", scope=None) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False, markup=False)
    console.print(report_screen.view(report, scope or Scope(), language, width))
    return console.file.getvalue()


def test_the_terminal_tells_everything_once(report):
    shown = on_screen(report)
    assert "everyone · 2026-03-01 – 2026-03-09" in shown
    assert "learners 2 · tasks 2 · completed 3 · saves 10 · hints 1 · fixes 1 · active days 4" in shown
    for words in (report_words.TASKS_TITLE, report_words.CRITERIA_TITLE, report_words.HELP_TITLE):
        assert shown.count(words.en) == 1
    assert re.search(r"1: defines .*80 % \(4/5\)", shown)
    assert re.search(r"fix applied +1 .*100 % .*\+0\.50", shown)
    assert re.search(r"\nbo +Mean +4 ", shown)


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_terminal_is_not_left(report, hostile, width, language):
    for one in (report, hostile):
        assert max(map(len, on_screen(one, width, language).splitlines())) <= width


def test_a_learner_alone_sees_a_streak_and_no_list_of_learners(archive):
    shown = on_screen(reported(archive, user="ada"), scope=Scope(user="ada"))
    assert "0 days in a row now, 3 at best, 3 active days" in shown
    assert report_words.LEARNERS_TITLE.en not in shown


def test_spanish_speaks_spanish(report):
    shown = on_screen(report, language="es")
    assert "Criterios que más fallan" in shown
    assert "+0,50" in shown
    said = [value for value in vars(report_words).values() if isinstance(value, Localized)]
    assert len(said) > 30
    for words in said:
        assert words.en not in shown or words.en == words.es or words.en in words.es


def test_hostile_names_reach_no_terminal_as_they_are(hostile):
    shown = on_screen(hostile, 200)
    assert "<script>" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_the_terminal_tells_what_a_model_was_asked(asked, report):
    shown = on_screen(reported(asked))
    assert shown.count("\nModel\n") == 1
    assert re.search(r"\ntiny +2 +0 +930 +120 +2.00 +2\b", shown)
    assert re.search(r"\ntiny +1 +0 +900 +100 +2,50 *\n", on_screen(reported(asked, user="ada"), language="es"))
    assert "\nModel\n" not in on_screen(report)
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_is_not_left_for_a_model(asked, width):
    assert max(map(len, on_screen(reported(asked), width, "es").splitlines())) <= width


def test_the_page_tells_what_a_model_was_asked(asked, report):
    page = report_page.page(reported(asked), Scope(), "es")
    assert "<h2>Modelo</h2>" in page
    assert ">930<" in page
    assert "<script" not in page
    assert "<h2>Modelo</h2>" not in report_page.page(report, Scope(), "es")


def test_whoever_only_had_a_goal_drafted_sees_that(tmp_path):
    one = deeds.Learner("one")
    one.asks(None, "03-01 10:00", tokens_in=60, tokens_out=30)
    found = reported(deeds.write(tmp_path, one))
    for told in (on_screen(found), Page(report_page.page(found, Scope(), "en")).text):
        assert "tiny" in told
        assert report_words.NOTHING.en not in told
        assert report_words.TASKS_TITLE.en not in told


def test_files_tell_what_a_model_was_asked(asked):
    found = reported(asked)
    (first, *_), others = csv.DictReader(io.StringIO(report_files.csv_text(found))), ("model_calls", "tokens_sent")
    assert (first["tokens_received"], [first[name] for name in others]) == ("108", ["2", str(10**11 + 900)])
    models = json.loads(report_files.json_text(found))["models"]
    assert [(one["model"], one["calls"], one["useless"]) for one in models] == [("tiny", 2, 0), (HOSTILE, 1, 1)]


class Page(html.parser.HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_asks_nobody_for_anything(report, hostile, language):
    for one in (report, hostile):
        page = report_page.page(one, Scope(user=HOSTILE, course=HOSTILE), language)
        found = Page(page)
        assert found.open == []
        known = {
            "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "b", "section", "figure", "span", "svg",
            "line", "path", "rect", "table", "thead", "tbody", "tr", "th", "td", "small", "i", "details", "summary",
        }  # fmt: skip
        assert {tag for tag, _ in found.tags} <= known
        names = {name for _, attributes in found.tags for name in attributes}
        assert not {name for name in names if name in {"src", "href", "onload"} or name.startswith("on")}
        assert "url(" not in page
        assert "http:" not in page.replace("http-equiv", "")
        assert any(attributes.get("http-equiv") == "Content-Security-Policy" for _, attributes in found.tags)


def test_hostile_names_are_text_on_the_page(hostile):
    page = report_page.page(hostile, Scope(), "en")
    assert "<script" not in page
    assert "<script>alert(1)</script>" in Page(page).text
    assert not {"\x1b", "\u202e"} & set(page)


def test_the_page_shows_the_figures(report):
    text = Page(report_page.page(report, Scope(), "en")).text
    assert "everyone · 2026-03-01 – 2026-03-09" in text
    assert "2026-03-09: score 0.20, saves 5, learners 1" in text
    assert "4/5" in text


def test_the_page_is_for_phones_and_dark_rooms(report):
    page = report_page.page(report, Scope(), "en")
    assert "prefers-color-scheme: dark" in page
    assert "width=device-width" in page


def test_many_rows_are_folded(tmp_path):
    learner = deeds.Learner("one")
    for number in range(30):
        learner.saves(f"Task {number}", f"03-01 {number % 24:02}:00", True)
    report = reported(deeds.write(tmp_path, learner))
    page = report_page.page(report, Scope(), "en")
    assert "<summary>18 more</summary>" in page
    assert all(f">Task {number}<" in page for number in range(30))
    assert "and 20 more" in on_screen(report)


def test_a_spreadsheet_gets_a_line_for_each_learner_and_task_and_no_formula(report, hostile):
    rows = list(csv.DictReader(io.StringIO(report_files.csv_text(report))))
    assert [(row["name"], row["task"], row["attempts"], row["completed"]) for row in rows] == [
        ("ada", "Sum", "3", "2026-03-01T12:25:00Z"),
        ("ada", "Mean", "1", "2026-03-03T09:00:00Z"),
        ("bo", "Sum", "1", "2026-03-09T08:04:00Z"),
        ("bo", "Mean", "4", ""),
    ]
    names = [row["name"] for row in csv.DictReader(io.StringIO(report_files.csv_text(hostile)))]
    assert len(names) == 2
    assert all(name.startswith("'") for name in names)


def test_json_has_every_figure(report, hostile):
    told = json.loads(report_files.json_text(report))
    assert told["totals"]["completed"] == 3
    assert told["tasks"][0]["task"] == {"course": "Basics", "goal": "Loops", "title": "Sum"}
    assert told["work"][0]["started"] == "2026-03-01T10:00:00Z"
    assert json.loads(report_files.json_text(hostile))["tasks"][0]["task"]["title"] == HOSTILE


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_is_a_kind_sentence(tmp_path, language):
    empty = reported(history.Archive(tmp_path))
    kind = report_words.NOTHING.pick(language)
    assert on_screen(empty, language=language).replace("\n", "") == kind
    assert kind in Page(report_page.page(empty, Scope(), language)).text
    assert report_words.NOTHING_SELECTED.en in on_screen(empty, scope=Scope(course="x"), width=200)
    assert json.loads(report_files.json_text(empty))["learners"] == []
    assert report_files.csv_text(empty).count("\n") == 1


def called(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main.main(["report", *map(str, arguments)])
    return left.value.code, *capsys.readouterr()


def test_the_command_reads_a_folder_that_it_is_given(archive, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MILEPOST_DATA_DIR", str(tmp_path / "untouched"))
    status, out, err = called(
        capsys, "--archive", archive.folder, "--user", "ADA", "--format", "json", "--to", "2026-03-02"
    )
    assert (status, err) == (0, "")
    assert json.loads(out)["totals"]["saves"] == 4
    file = tmp_path / "report.html"
    status, out, err = called(capsys, "--archive", archive.folder, "--html", file)
    assert (status, err, str(file) in out) == (0, "", True)
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert not (tmp_path / "untouched").exists()


def test_without_any_event_no_database_is_started(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MILEPOST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    status, out, err = called(capsys)
    assert (status, err) == (0, "")
    assert "nothing to report" in " ".join(out.split())
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--user", "eve"), "Known: ada, bo."),
        (("--course", "Advanced"), "Known: Basics."),
        (("--from", "tomorrow"), "--from: 'tomorrow' is not a date"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "--from is later than --to"),
        (("--html", "/nowhere/at/all.html"), "/nowhere/at/all.html cannot be written"),
        (("--archive", "/nowhere"), "There is no archive folder /nowhere"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_users_words(archive, capsys, monkeypatch, arguments, said):
    monkeypatch.setenv("MILEPOST_LANGUAGE", "en")
    status, out, err = called(capsys, "--archive", archive.folder, *arguments)
    assert (status, out) == (2, "")
    assert said in err


def test_the_last_days_of_the_calendar_are_days(archive, capsys):
    status, _, err = called(capsys, "--archive", archive.folder, "--from", "0001-01-01", "--to", "9999-12-31")
    assert (status, err) == (0, "")


def test_a_bar_stands_for_its_share():
    assert report_screen._bar(8, 0.5).plain == "████····"
    assert report_screen._bar(8, 1.0).plain == "████████"
    assert report_screen._bar(8, 0.0).plain == "········"


def test_numbers_and_durations_are_short():
    assert [report_words.duration(minutes) for minutes in (None, 5.4, 61, 120, 3000)] == [
        "–",
        "5 min",
        "1 h",
        "2 h",
        "2 d",
    ]
    assert report_words.decimal(0.5, "es") == "0,50"
