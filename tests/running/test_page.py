import http.server
import re
import subprocess
import threading

import matplotlib.image
import nbformat
import pytest
from bs4 import BeautifulSoup
from system import require_program

from crm_course.running.chapters import read_source
from crm_course.running.page import page_of
from crm_course.running.page.markdown import Contents, markdown_html

CHROMIUM = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --hide-scrollbars --window-size=900,1600
"""
NO_CONTENT = 204


@pytest.fixture(scope="module")
def text(sample):
    return sample.page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return BeautifulSoup(text, "html.parser")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    program = require_program("chromium", "chromium")

    def call(page, *options):
        profile = tmp_path_factory.mktemp("profile")
        command = [program, *CHROMIUM.split(), f"--user-data-dir={profile}", *options, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    return call


def test_the_page_loads_nothing_and_runs_nothing(page, text):
    assert not page.find_all(["script", "iframe", "object", "embed", "link", "base"])
    for element in page.find_all(src=True):
        assert element["src"].startswith("data:")
    assert all(link["href"].startswith("#") for link in page.find_all("a"))
    assert not re.search(r"url\s*\(|@import|https?://(?!www\.w3\.org/)", text)
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def test_language_title_and_contents_come_from_the_chapter(page):
    assert page.html["lang"] == "en"
    assert page.title.text == "1 · 樣本 A sample"
    links = page.nav.find_all("a")
    assert [link.text for link in links] == ["Opening", "Fitting fast", "Drawing"]
    assert all(page.find(id=link["href"][1:]) for link in links)


def test_parameters_are_one_small_table_with_what_was_given(page):
    rows = {row.th.text: (row.code.text, "given" in row.get("class", [])) for row in page.select("table.parameters tr")}
    assert rows["draws"] == ("300", True)
    assert rows["rate"] == ("0.1", False)


def test_code_can_be_folded_and_has_no_prompts(page, text):
    assert all(details.has_attr("open") for details in page.select("details.code"))
    assert not re.search(r"(In|Out)\s*\[", text)


def test_every_picture_is_described_and_its_handle_is_gone(page, text):
    assert [picture["alt"] for picture in page.find_all("img")] == ["Figure 1: Drawing"]
    assert "Axes:" not in text


def test_dollars_are_money_and_formulas_are_formulas():
    money = markdown_html("From HK$300 to HK$500, or $3 and $4.", Contents())
    assert "HK$300 to HK$500, or $3 and $4." in money
    formula = markdown_html(r"a chance $p_i$ and $$\frac{a}{b}$$", Contents())
    assert "$" not in formula and formula.count("<math") == 2


def test_formulas_become_mathml():
    assert "<mfrac>" in markdown_html(r"$$\frac{a}{b}$$", Contents())


def test_headings_of_one_name_get_ids_of_their_own():
    contents = Contents()
    markdown_html("## Again\n\n## Again\n\n## 客戶", contents)
    assert [anchor for _, anchor in contents.at_level(2)] == ["again", "again-2", "客戶"]


def a_report(*cells):
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata["crm_course"] = {"page": "report"}
    return BeautifulSoup(page_of(notebook), "html.parser")


def test_a_report_shows_what_its_cells_show_and_never_the_cells():
    block = {"text/html": {"block": True, "title": "Ann <b>"}}
    outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        nbformat.v4.new_output("stream", name="stdout", text="a line"),
        nbformat.v4.new_output("display_data", {"text/html": "<section>whole</section>"}, metadata=block),
    ]
    editors = nbformat.v4.new_markdown_cell("# For editors", metadata={"tags": ["remove-cell"]})
    parameters = nbformat.v4.new_code_cell("lang: str = 'en'  # language", metadata={"tags": ["parameters"]})

    page = a_report(
        editors,
        nbformat.v4.new_markdown_cell("## For readers"),
        parameters,
        nbformat.v4.new_code_cell("secret_code()", outputs=outputs),
    )

    assert page.title.text == "Ann <b>"
    whole = page.find(string="whole")
    assert whole.find_parent(class_="output") and not whole.find_parent(class_="html")
    assert "For readers" in page.text and "a line" in page.text
    for hidden in ("For editors", "secret_code", "a warning", "language"):
        assert hidden not in page.main.text
    assert page.body["class"] == ["report"]


def test_a_chapter_is_no_report(page):
    assert not page.body.has_attr("class")
    assert ".report" not in page.style.text


def test_the_header_of_a_source_may_ask_for_a_report(tmp_path):
    source = tmp_path / "a.py"
    source.write_text("# ---\n# jupyter:\n#   crm_course:\n#     page: report\n#   other: 1\n# ---\n\n# %%\n1\n")

    metadata = read_source(source).metadata

    assert metadata.crm_course == {"page": "report"}
    assert set(metadata) == {"kernelspec", "language_info", "crm_course"}


def test_a_browser_shows_the_page(sample, chromium, tmp_path):
    picture = tmp_path / "page.png"
    chromium(sample.page, f"--screenshot={picture}")
    image = matplotlib.image.imread(picture)[..., :3]
    written = (image.min(axis=2) < 0.5).mean()
    assert 0.005 < written < 0.5  # ink on paper, neither blank nor broken
    assert (image[:20].min(axis=2) > 0.9).all()  # a margin at the top


def test_a_browser_runs_and_fetches_nothing_that_an_output_brings_along(chromium, tmp_path):
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(NO_CONTENT)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        hostile = f"<script>document.title = 'ran'</script><img src='{here}/a' onerror=\"document.title = 'ran'\">"
        hostile += (
            f"<style>@import '{here}/b'; body {{ background: url({here}/c) }}</style><iframe src='{here}/d'></iframe>"
        )
        cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", {"text/html": hostile})])
        page = tmp_path / "hostile.html"
        page.write_text(page_of(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
        shown = BeautifulSoup(chromium(page, "--dump-dom"), "html.parser")
        server.shutdown()
    assert asked == []
    assert shown.title.text != "ran"
