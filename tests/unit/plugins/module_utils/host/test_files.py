import errno
import os
import stat

import pytest
from module_utils.basics.errors import HaLbError
from module_utils.host.files import content, replace

GROUP = "root"


@pytest.fixture(autouse=True)
def whoever_we_are(monkeypatch):
    """Only root gives files away."""
    if os.geteuid():
        monkeypatch.setattr("shutil.chown", lambda *_: None)


@pytest.mark.parametrize("mode", ["0600", "0640", "0755"])
def test_a_new_file_has_its_mode_whatever_the_umask(tmp_path, mode):
    path = tmp_path / "new" / "file"
    replace(path, b"text", mode, GROUP)
    assert (content(path), stat.S_IMODE(path.stat().st_mode)) == (b"text", int(mode, 8))


def test_nobody_can_read_it_before_it_has_its_mode(tmp_path):
    seen = []
    replace(tmp_path / "file", b"secret", "0640", GROUP, lambda name: seen.append(stat.S_IMODE(os.stat(name).st_mode)))
    assert seen == [0o600]


def test_what_is_refused_leaves_the_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")

    def refuse(name):
        raise HaLbError(f"{name} is not right")

    with pytest.raises(HaLbError):
        replace(path, b"after", "0644", GROUP, refuse)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["file"]


def test_a_disk_that_is_full_is_one_sentence_and_leaves_the_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("before")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/.file.x7d")

    monkeypatch.setattr("os.replace", full)
    monkeypatch.setattr("platform.node", lambda: "lb1")
    with pytest.raises(HaLbError) as error:
        replace(path, b"after", "0644", GROUP)
    assert str(error.value) == f"{path} on lb1 cannot be written, and stays as it is: No space left on device"
    assert (path.read_text(), os.listdir(tmp_path)) == ("before", ["file"])
