"""The review on paper holds every mark and lets nothing in that would run."""

from medtune.report.review_sheet import ReviewSheet, review_sheet

MARK = ("patient 7", "Exclude", "<script>alert(1)</script> wrong ward", "event", "3.1%", "3.47", "0.02")


def test_marks_stand_with_their_reason_and_nothing_can_run():
    groups = [("age above 70", "80", "40.0%", "22.0%", "0.71 (0.60 to 0.82)")]
    page = review_sheet(ReviewSheet("Review", "Most wrong about patient 7.", "Model", [MARK], [], groups)).decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; wrong ward" in page
    assert "<script" not in page
    assert page.index("Exclude") < page.index("age above 70")
    assert "default-src 'none'" in page
    assert "Not looked at yet" not in page


def test_without_marks_the_page_says_so_and_lists_who_waits():
    page = review_sheet(ReviewSheet("Review", "", "", [], [("patient 9", "event", "5.0%", "3.0", "0.1")], [])).decode()
    assert "Nobody has been marked yet." in page
    assert "patient 9" in page
