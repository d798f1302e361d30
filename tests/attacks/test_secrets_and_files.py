"""Reading what a submission must not see, and writing where it must not: attacks 1 to 4 and 57."""

import pytest

# What each brings out: the canary, where the attack succeeds.
READ = {
    "the key": "said(pathlib.Path(KEY).read_text)",
    "the gradebook": "said(pathlib.Path(BOOK).read_bytes)",
    "another submission": "said(pathlib.Path(OTHER, 'submission.ipynb').read_text)",
    "the environment": "os.environ.get(ENV, '')",
    "the environment of a program": "said(subprocess.check_output, ['printenv', ENV])",
    "the environment of its parent": "said(pathlib.Path(f'/proc/{os.getppid()}/environ').read_bytes)",
    "the environment of all": "''.join(said(pathlib.Path(one).read_bytes) for one in glob.glob('/proc/*/environ'))",
    "the key, through the root of its parent": "said(pathlib.Path(f'/proc/{os.getppid()}/root{KEY}').read_text)",
    "the key, through the folder of its parent": "said(pathlib.Path(f'/proc/{os.getppid()}/cwd/../{KEY}').read_text)",
    "the key, by a link": "works(os.symlink, KEY, 'link'), said(pathlib.Path('link').read_text)",
    "the key, by a second name": "works(os.link, KEY, '/tmp/attack-second'), said(pathlib.Path(KEY).read_text)",
    "a neighbour, by the way up": "said(pathlib.Path(*['..'] * 3, OTHER[5:], 'submission.ipynb').read_text)",
    "a neighbour, from the real place of the data": """said(pathlib.Path(os.path.realpath('store'), *['..'] * 4)
    .joinpath(OTHER[5:], 'submission.ipynb').read_text)""",
    "a neighbour, by a folder that is held open": """
def climb():
    here = os.open("store", os.O_RDONLY)
    for _ in range(8):
        here = os.open("..", os.O_RDONLY, dir_fd=here)
    return os.read(os.open(KEY.lstrip("/"), os.O_RDONLY, dir_fd=here), 100)
said(climb)""",
    "a trainee's inbox": """''.join(said(path.read_text) for place in ('/inbox', OTHER)
    for path in pathlib.Path(place).glob('**/*') if path.is_file())""",
}
# Whether it works.
WRITE = {
    "the results": "works(open, BOOK, 'r+b')",
    "the key": "works(open, KEY, 'a')",
    "another submission": "works(open, OTHER + '/submission.ipynb', 'a')",
    "the package": "works(open, __import__('pandas').__file__, 'a')",
    "the course": "works(open, __import__('crm_course').__file__, 'a')",
    "the interpreter": "works(open, os.path.realpath(os.__file__), 'a')",
    "a file beside the package": """works(lambda: open(os.path.dirname(os.__file__) + '/attack.pth', 'w')
    and [os.remove(os.path.dirname(os.__file__) + '/attack.pth')])""",
    "a cron job": "works(lambda: open('/etc/attack-left', 'w') and [os.remove('/etc/attack-left')])",
    "a file for a later run": "works(lambda: open('/var/tmp/attack', 'w') and [os.remove('/var/tmp/attack')])",
}
# What root may do outside is no measure here: only that it fails inside.
NOWHERE = {
    "the home folder": "sorted(set(os.listdir(HOME)) - {'.pyenv'}) if os.path.isdir(HOME) else []",
    "the exercises": "glob.glob(HOUSE + '/exercises/*') + glob.glob(HOUSE + '/.git/*') + glob.glob(HOUSE + '/tests/*')",
    "passwords": "glob.glob('/etc/passwd') + glob.glob('/etc/shadow') + glob.glob('/etc/ssh*')",
    "keys of this machine": "glob.glob('/sys/*') + glob.glob('/boot/*') + glob.glob('/run/*') + glob.glob('/var/*')",
    "other processes": "[one for one in glob.glob('/proc/[0-9]*') if one[6:] not in ('1', str(os.getpid()))]",
    "data of others in the list of mounts": "[line for line in open('/proc/self/mountinfo') if 'attacked' in line]",
}


@pytest.mark.parametrize("secret", READ)
def test_no_secret_can_be_read(secret, trusted, confined, canary):
    assert canary in trusted.tell(READ[secret])
    assert canary not in confined.tell(READ[secret])


@pytest.mark.parametrize("place", WRITE)
def test_nothing_outside_can_be_written(place, trusted, confined):
    assert trusted.tell(WRITE[place]) == "True"
    assert confined.tell(WRITE[place]) == "False"


@pytest.mark.parametrize("place", NOWHERE)
def test_nothing_of_the_machine_is_there(place, trusted, confined):
    if place != "data of others in the list of mounts":
        assert trusted.tell(f"bool({NOWHERE[place]})") == "True"
    assert confined.tell(NOWHERE[place]) == "[]"


def test_the_own_data_can_be_read_and_not_changed(confined, planted):
    assert confined.tell("open('store/orders.csv').read()") == r"order,amount\n1,20\n"
    assert (
        confined.tell("works(open, 'store/orders.csv', 'a'), works(os.remove, 'store/orders.csv')") == "(False, False)"
    )
    assert (planted / "mine" / "store" / "orders.csv").read_text() == "order,amount\n1,20\n"


def test_the_whole_environment_is_ours(confined):
    seen = confined.tell("' '.join(sorted(os.environ))").split()

    assert not [name for name in seen if name.startswith(("CRM_", "PYTEST", "GIT", "SSH", "AWS", "XDG"))]
    assert "HOME" in seen and len(seen) < 30


def test_everything_that_can_be_read_is_searched_and_holds_no_canary(confined, canary):
    """The canary goes in backwards, so that the search itself does not hold it."""
    search = f"""
word = {canary[::-1]!r}[::-1]
found = [
    path
    for place in set(os.listdir("/")) - {{"proc", "usr", "lib", "lib64", "bin", "sbin", "root", "work"}}
    for folder, _, files in os.walk("/" + place)
    for path in (os.path.join(folder, one) for one in files)
    if os.path.isfile(path) and word in said(pathlib.Path(path).read_bytes)
]
processes = glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline")
found + [one for one in processes if word in said(pathlib.Path(one).read_bytes)]
"""
    assert confined.tell(search) == "[]"
