"""JUnit reports, which an untrusted program may have written."""

import pytest

from milepost.checks import junit

REPORT = b"""<?xml version="1.0"?>
<testsuites><testsuite name="s">
  <testcase name="adds" classname="c" file="a.js" line="3"/>
  <testcase name="fails"><failure message="1 != 2">at a.js:7</failure></testcase>
  <testcase name="later"><skipped/></testcase>
  <testcase name="broken"><error>boom</error></testcase>
</testsuite></testsuites>"""


def test_cases_with_their_outcomes():
    cases = junit.read(REPORT)
    assert [(one.name, one.outcome) for one in cases] == [
        ("adds", "passed"),
        ("fails", "failed"),
        ("later", "skipped"),
        ("broken", "failed"),
    ]
    assert (cases[0].file, cases[0].line) == ("a.js", 2)
    assert "1 != 2" in cases[1].message
    assert cases[3].message == "boom"


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"not xml",
        b"<a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>" * 200 + b"</a>" * 200,
        b"<a>" + b"<testcase/>" * 2_000 + b"</a>",
        b"<a>" + b"x" * 2_000_000 + b"</a>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="utf-99"?><a/>',
    ],
)
def test_hostile_reports_are_refused(report):
    with pytest.raises(junit.UnreadableReportError):
        junit.read(report)
