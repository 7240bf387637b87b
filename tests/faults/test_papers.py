from tests.faults.papers import try_papers


def test_no_template_warns_for_twenty_dossiers() -> None:
    """``dev.py faults --nightly`` tries 1,000."""
    report = try_papers(20)
    assert report["failed"] == [] and report["long"] == []
    assert report["papers"] >= 20 * 10
