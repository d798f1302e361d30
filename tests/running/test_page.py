import base64
import http.server
import re
import shutil
import subprocess
import threading
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from system import require_program

from crm_course.plots.fonts.subset import words
from crm_course.running.chapters import read_source
from crm_course.running.page import page_of
from crm_course.running.page.exporter import FOLDER
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
    assert not re.search(r"url\s*\((?!data:font/)|@import|https?://(?!www\.w3\.org/)", text)
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "font-src data:",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


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


def test_the_font_for_chinese_words_is_in_a_page_that_has_some_and_nowhere_else(text):
    plain = page_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Customers")]))
    in_output = nbformat.v4.new_output("display_data", {"text/html": "<b>顧客</b>"})
    shown = page_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[in_output])]))

    assert [page.count("@font-face") for page in (text, plain, shown)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("lang", "name", "count"), [("en", "Chan", 0), ("en", "陳大文", 1), ("en", "陳大龘", 0), ("zh_HK", "陳大龘", 1)]
)
def test_a_report_carries_the_font_in_chinese_and_for_a_name_that_it_can_show(lang, name, count):
    parameters = nbformat.v4.new_code_cell(f"lang: str = {lang!r}  # language", metadata={"tags": ["parameters"]})
    page = a_report(parameters, nbformat.v4.new_markdown_cell(f"# {name}"))

    assert str(page).count("@font-face") == count


def test_the_font_has_every_chinese_character_of_our_own_texts_or_is_full():
    rule = (FOLDER / "han.css").read_text(encoding="ascii")
    ranges = [one.removeprefix("U+").partition("-") for one in rule.partition("unicode-range:")[2][:-2].split(",")]
    covered = {chr(code) for low, _, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)}
    data = re.search(r"url\(data:font/woff2;base64,([\w+/=]+)\)", rule)[1]

    assert base64.b64decode(data).startswith(b"wOF2")
    assert len(rule) <= 100_000
    assert set(words()) <= covered or (len(rule) > 95_000 and set(words()[:400]) <= covered)


def test_a_browser_without_fonts_for_chinese_shows_our_words(chromium, tmp_path, monkeypatch):
    """Two words differ on the picture: boxes in their place would not."""
    shutil.copy(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", tmp_path)
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(fonts))
    pictures = []
    for word in ("客客", "顧顧"):
        page = tmp_path / "page.html"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(word)])
        page.write_text(page_of(notebook), encoding="utf-8")
        chromium(page, f"--screenshot={tmp_path / 'page.png'}")
        pictures.append(matplotlib.image.imread(tmp_path / "page.png"))

    assert not np.array_equal(*pictures)


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
