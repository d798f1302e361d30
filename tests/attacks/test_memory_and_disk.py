"""More memory, processes and files than a run may have: attacks 15 to 20 and 55."""

import pytest

# How many are there in the end; a run may have 48.
BOMBS = {
    "forks": "count = 0\nwhile count < 60:\n    try: child = os.fork()\n    except OSError: break\n"
    "    if child == 0: time.sleep(2); os._exit(0)\n    count += 1\ncount",
    "threads": "count = 0\nwhile count < 60:\n    try: threading.Thread(target=time.sleep, args=(2,)).start()\n"
    "    except RuntimeError: break\n    count += 1\ncount",
}
GREEDY = {
    "a list that grows": "kept = []\nwhile True: kept.append(os.urandom(1_000_000) * 8)",
    "one array": "import numpy\nkept = numpy.ones(10**8)\ntime.sleep(5)",
    "many forks": """
for _ in range(10):
    if os.fork() == 0:
        kept = os.urandom(1000) * 100_000
        time.sleep(20)
time.sleep(20)""",
    "a process whose first thread has ended": """
if os.fork() == 0:
    threading.Thread(target=lambda: (time.sleep(0.2), os.urandom(1000) * 700_000, time.sleep(20))).start()
    libc.syscall(60, 0)
time.sleep(20)""",
    "processes that may not be looked at": """
for _ in range(6):
    if os.fork() == 0:
        libc.prctl(4, 0, 0, 0, 0)
        kept = os.urandom(1000) * 150_000
        time.sleep(20)
time.sleep(20)""",
    "many processes whose first threads have ended": """
for _ in range(6):
    if os.fork() == 0:
        threading.Thread(target=lambda: (os.urandom(1000) * 150_000, time.sleep(20))).start()
        libc.syscall(60, 0)
time.sleep(20)""",
}
# Memory that no process is charged for; each says how many MB it holds where that is.
UNSEEN = {
    "shared memory of which one page is still mapped": """
libc.mmap.restype, held = ctypes.c_void_p, 0
for _ in range(10):
    begin = libc.mmap(None, ctypes.c_size_t(20 << 20), 3, 0x8021, -1, 0)
    if begin == ctypes.c_void_p(-1).value: break
    libc.munmap(ctypes.c_void_p(begin + 4096), ctypes.c_size_t((20 << 20) - 4096))
    held += 20
held""",
    "shared memory, by the device of zeros": """
def hold():
    held = mmap.mmap(os.open("/dev/zero", os.O_RDWR), 50 << 20)
    held[:] = bytes(50 << 20)
    return 50
works(hold) and 50""",
    "memory without a name": """
def hold():
    return os.write(os.memfd_create("x"), bytes(50 << 20)) >> 20
works(hold) and 50""",
    "segments of shared memory": "libc.shmget(0, 50 << 20, 0o1600) != -1 and 50",
    "messages in a queue": "libc.msgget(0, 0o1600) != -1 and 50",
    "large buffers of sockets": """
def hold():
    one, other = socket.socketpair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50 << 20)
    return one
works(hold) and 50""",
    "sockets that are on their way": """
def hold():
    one, other = socket.socketpair()
    return socket.send_fds(one, [b"x"], [other.fileno()])
works(hold) and 50""",
    "pages lent to a pipe": """
read, write = os.pipe()
class Vector(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
page = ctypes.create_string_buffer(4096)
libc.vmsplice(write, ctypes.byref(Vector(ctypes.addressof(page), 4096)), 1, 0) == 4096 and 50""",
    "pages of a file sent to a socket": """
def hold():
    pathlib.Path("pages").write_bytes(bytes(4096))
    one, other = socket.socketpair()
    return os.sendfile(one.fileno(), os.open("pages", os.O_RDONLY), 0, 1)
works(hold) and 50""",
    "large pipes": "import fcntl\nworks(lambda: fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)) and 50",
}
FULL = {
    "the working directory": ".",
    "tmp": "/tmp",
    "shared memory": "/dev/shm",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_processes_ends_at_the_limit(bomb, trusted, confined):
    assert 0 < int(confined.tell(BOMBS[bomb], cell_seconds=20)) < 48
    assert int(trusted.tell(BOMBS[bomb], cell_seconds=20)) >= 48


@pytest.mark.parametrize("attack", GREEDY)
def test_memory_has_a_limit_over_all_processes(attack, counted):
    result = counted.run(GREEDY[attack], memory_mb=500, cell_seconds=15)

    assert result.ended == "memory limit"
    assert result.notebook.cells[1].outputs[-1].evalue == "memory limit: the notebook used more memory than it may"


def test_what_processes_share_counts_once(counted):
    """Each fork has all of pandas in its memory, 47 times 200 MB."""
    forks = "for _ in range(40):\n    if os.fork() == 0: time.sleep(1); os._exit(0)\ntime.sleep(1)"

    assert counted.run(forks, memory_mb=500).ended == "finished"


@pytest.mark.parametrize("attack", UNSEEN)
def test_memory_that_no_count_sees_is_refused(attack, trusted, confined):
    assert int(trusted.tell(UNSEEN[attack])) >= 50
    assert confined.tell(UNSEEN[attack]) in ("0", "False")


def test_buffers_of_ordinary_sockets_and_pipes_are_charged(counted):
    """What lies in them belongs to no process; without a cgroup each is taken to be full."""
    hoard = """
def fill(*ends):
    for end in ends:
        os.set_blocking(end, False)
        try:
            while True: os.write(end, bytes(4096))
        except BlockingIOError: pass
for _ in range(40):
    if os.fork() == 0:
        kept = [socket.socketpair() for _ in range(60)] + [os.pipe() for _ in range(30)]
        for one, other in kept[:60]: fill(one.fileno(), other.fileno())
        for _, end in kept[60:]: fill(end)
        time.sleep(20)
time.sleep(20)
"""
    few = "kept = [socket.socketpair() for _ in range(10)]\ntime.sleep(0.5)"
    assert counted.run(hoard, memory_mb=350, cell_seconds=15).ended == "memory limit"
    assert counted.run(few, memory_mb=350).ended == "finished"


def test_locks_on_ranges_of_files_have_a_limit(counted):
    """The kernel keeps some 200 bytes for each, and charges nobody for them; a few must stay, since SQLite needs them.

    They are counted by the list of the machine, of which a megabyte is read, ten times a second. What a run makes in
    a tenth of a second more than it may goes when the run ends.
    """
    few = "import sqlite3\nbook = sqlite3.connect('x.db'); book.execute('CREATE TABLE a (b)'); book.commit(); 'written'"
    many = """
import fcntl
files = [open(f"locked{number}", "wb") for number in range(50)]
for place in range(0, 1000, 2):
    for file in files: fcntl.lockf(file, fcntl.LOCK_EX, 1, place)
time.sleep(5)
"""
    assert counted.tell(few) == "written"
    assert counted.run(many, cell_seconds=20).ended == "memory limit"


def test_files_in_memory_count_where_there_is_a_cgroup(confined):
    """Each place takes what it may take; it is memory all the same."""
    if confined.slot._zygote.group is None:
        pytest.skip("no memory cgroup that can be written to")
    fill = """
for place in (".", "/tmp", "/dev/shm"): pathlib.Path(place, "full").write_bytes(os.urandom(60 << 20))
time.sleep(5)
"""
    assert confined.run(fill, memory_mb=150).ended == "memory limit"
    assert confined.run(fill, memory_mb=400).ended == "finished"


@pytest.mark.parametrize("place", FULL)
def test_a_place_is_full_at_its_limit(place, trusted, confined):
    fill = f"""
import tempfile
folder = {FULL[place]!r}
try:
    for number in range(6):
        with open(f"{{folder}}/attack-left-{{number}}", "wb") as file: file.write(bytes(5_000_000))
    full = False
except OSError as error:
    full = error.errno == errno.ENOSPC
full
"""
    clear = f"for one in glob.glob({FULL[place] + '/attack-left-*'!r}): os.remove(one)"
    assert confined.tell(fill, disk_mb=20) == "True"
    assert trusted.run(fill, clear, disk_mb=20).notebook.cells[1].outputs[0].data["text/plain"] == "False"


@pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm", "/dev", "/inbox", "/dev/pts", "/"])
def test_no_place_takes_files_without_end(place, confined):
    """Neither in number nor in size, not even as holes, links, folders or attributes."""
    attack = f"""
def made(make):
    for number in range(12_000):
        try: make(f"{place}/{{number}}")
        except OSError: return number
    return number
made(lambda name: open(name, "x").close()) + made(os.mkdir) + made(lambda name: os.symlink("x", name))
"""
    assert int(confined.tell(attack, cell_seconds=30)) <= 10_000
    assert confined.tell(f"works(lambda: open('{place}/hole', 'wb').truncate(10**12) or 1)") == "False"
