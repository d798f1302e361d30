import unicodedata

import pytest

from crm_course.errors import CourseError
from crm_course.release.roster import Trainee, read_roster, write_roster

CLASS = [Trainee("s01", "Chan Tai Man"), Trainee("s02", "陳美玲")]


@pytest.fixture
def roster(tmp_path):
    """Write a roster whose text is given."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "class.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "text",
    [
        "id,name\ns01,Chan Tai Man\ns02,陳美玲\n",
        "id;name\ns01;Chan Tai Man\ns02;陳美玲",
        " Name , ID \n Chan Tai Man , s01 \n陳美玲,s02\n",
        'class,id,name,"fee, paid"\n3A,s01,Chan Tai Man,"1,200"\n3A,s02,陳美玲,\n',
        'id;name;fee\n"s01";"Chan Tai Man";1,20\ns02;陳美玲;1,20\n',
        "\nid,name\n\ns01,Chan Tai Man\n,\ns02,陳美玲\n\n",
    ],
    ids=["commas", "semicolons", "other order and spaces", "unknown columns", "decimal commas", "blank rows"],
)
def test_a_roster_is_read_as_programs_write_it(roster, text, ends, encoding):
    assert read_roster(roster(text.replace("\n", ends), encoding)) == CLASS


def test_what_is_written_is_read_again(tmp_path):
    trainees = [*CLASS, Trainee("s 03", 'Wong, "Ann"')]

    write_roster(trainees, tmp_path / "roster.csv")

    assert read_roster(tmp_path / "roster.csv") == trainees


def test_ids_come_in_one_form_of_unicode(roster):
    (one,) = read_roster(roster("id,name\n" + unicodedata.normalize("NFD", "José") + ",\n"))

    assert one.id == unicodedata.normalize("NFC", "José")


@pytest.mark.parametrize(
    ("first", "second"), [("s01", " s01 "), ("s01", "S01"), ("straße", "STRASSE"), ("é", "e\u0301"), ("É", "e\u0301")]
)
def test_the_same_id_twice_is_refused_with_both_rows(roster, first, second):
    with pytest.raises(CourseError) as raised:
        read_roster(roster(f"id,name\n{first},Ann\nother,Bo\n{second},Cy\n"))

    shown = [repr(unicodedata.normalize("NFC", one.strip())) for one in (first, second)]
    assert f"class.csv: rows 2 and 4: {shown[0]} and {shown[1]} are the same id" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "the id is empty"),
        ("a/b", "holds /, which a file's name cannot"),
        ("..\\b", "holds \\, which a file's name cannot"),
        ("a:b", "holds :, which"),
        ("what?", "holds ?, which"),
        (".hidden", "begins with a dot"),
        ("..", "begins with a dot"),
        ("ann.", "ends with a dot"),
        ("CON", "is a name that Windows keeps for itself"),
        ("nul.txt", "is a name that Windows keeps for itself"),
        ("lpt1", "is a name that Windows keeps for itself"),
        ("s01.ZIP", "ends with .zip, as the packets do"),
        ('"s\n01"', "'s\\n01' holds a control character"),
        ("s\x0001", "holds a control character"),
        ("s\u202e01", "holds an invisible character"),
        ("s\u200b01", "holds an invisible character"),
        ("客" * 34, "is longer than 100 bytes"),
    ],
)
def test_an_id_that_cannot_name_a_file_is_refused(roster, name, reason):
    with pytest.raises(CourseError) as raised:
        read_roster(roster(f"id,name\ns01,Ann\n{name},Bo\n"))

    assert "row 3: " in str(raised.value) and reason in str(raised.value)


@pytest.mark.parametrize("name", ["con1", "console", "s.01", "a b", "-x", "陳美玲", "[bold]", "客" * 33])
def test_other_ids_are_taken(roster, name):
    assert [one.id for one in read_roster(roster(f"id,name\n{name},Ann\n"))] == [name]


def test_everything_wrong_is_told_at_once(roster):
    text = "id,name\ns01,Ann\n,Bo\nS01,Cy\n.x,Di\ns05,Wong, Ed\ns01,Flo\n"

    with pytest.raises(CourseError) as raised:
        read_roster(roster(text))

    first, *lines = str(raised.value).split("\n  ")
    assert first.endswith("class.csv: 5 problems")
    assert lines == [
        "row 6: has 3 cells, the header 2; quote a name with a comma",
        "row 3: the id is empty",
        "row 5: id '.x' begins with a dot",
        "rows 2 and 4: 's01' and 'S01' are the same id",
        "rows 2 and 7: 's01' and 's01' are the same id",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty; write the columns id,name"),
        ("id,name\n", "names no trainee"),
        ("number,name\n1,Ann\n", "column id is missing; begin with the line id,name"),
        ("s01,Ann\ns02,Bo\n", "column id is missing and column name is missing"),
        ("id,name,ID\n1,Ann,1\n", "column id is there 2 times, not once"),
        ("id,name\n1,陳\n".encode("utf-16"), 'is not UTF-8; save it as "CSV UTF-8"'),
        ("id,name\n1,陳\n".encode("big5"), "is not UTF-8"),
        ('id,name\n1,"Ann\n', "is no CSV file"),
    ],
)
def test_a_file_that_is_no_roster_is_told_in_one_line(roster, text, reason):
    with pytest.raises(CourseError) as raised:
        read_roster(roster(text))

    assert "class.csv: " in str(raised.value) and reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_roster_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"none.csv: cannot be read \(No such file or directory\); name the roster"):
        read_roster(tmp_path / "none.csv")
    with pytest.raises(CourseError, match=r"cannot be read \(Is a directory\)"):
        read_roster(tmp_path)
