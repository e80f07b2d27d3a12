from milepost.agents.trust import TrustFile


def test_nobody_was_asked(tmp_path):
    assert TrustFile(tmp_path / "trust.json").answer("/c/milepost.yaml", "1") is None


def test_an_answer_holds_for_one_content_only(tmp_path):
    """A course that changed may run something else than what was agreed to."""
    file = TrustFile(tmp_path / "sub" / "trust.json")
    file.keep("/c/milepost.yaml", "1", granted=True)
    file.keep("/d/milepost.yaml", "1", granted=False)
    again = TrustFile(tmp_path / "sub" / "trust.json")
    assert again.answer("/c/milepost.yaml", "1") is True
    assert again.answer("/c/milepost.yaml", "2") is None
    assert again.answer("/d/milepost.yaml", "1") is False


def test_a_broken_file_trusts_nothing(tmp_path):
    (tmp_path / "trust.json").write_text("[1, 2")
    assert TrustFile(tmp_path / "trust.json").answer("/c/milepost.yaml", "1") is None
