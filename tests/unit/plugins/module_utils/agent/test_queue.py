# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages wait in order, on disk, up to a number."""

from __future__ import annotations

import os

from module_utils.agent import queue as queues
from module_utils.agent.queue import Queue


def drained(queue):
    """Remove and return all messages."""
    found = []
    while (waiting := queue.head()) is not None:
        found.append(waiting.message["n"])
        queue.drop(waiting)
    return found


def test_first_in_first_out(tmp_path):
    queue = Queue(tmp_path / "mail")
    for n in range(12):
        queue.put({"n": n})
    assert len(queue) == 12
    assert drained(queue) == list(range(12))
    assert len(queue) == 0


def test_a_message_stays_until_it_is_dropped(tmp_path):
    queue = Queue(tmp_path)
    queue.put({"n": 1})
    assert queue.head() == queue.head()


def test_a_queue_is_continued_after_a_restart(tmp_path):
    Queue(tmp_path).put({"n": 1})
    again = Queue(tmp_path)
    again.put({"n": 2})
    assert drained(again) == [1, 2]


def test_the_oldest_message_is_dropped_and_counted(tmp_path):
    queue = Queue(tmp_path, most=3)
    head = None
    for n in range(5):
        queue.put({"n": n})
        head = head or queue.head()
    queue.drop(head)  # was dropped already
    assert queue.lost == 2
    assert drained(queue) == [2, 3, 4]


def test_a_damaged_file_is_skipped_and_counted(tmp_path):
    queue = Queue(tmp_path)
    queue.put({"n": 1})
    queue.put({"n": 2})
    (tmp_path / "000000000001.json").write_text('{"n"')
    assert drained(queue) == [2]
    assert queue.lost == 1


def test_messages_wait_in_memory_while_the_disk_is_full(tmp_path, monkeypatch):
    queue = Queue(tmp_path)
    queue.put({"n": 1})

    def full(path, text, durable):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(queues, "write_whole", full)
        queue.put({"n": 2})
    queue.put({"n": 3})  # after the one in memory, though the disk has room again
    assert len(queue) == 3
    assert drained(queue) == [1, 2, 3]


def test_a_message_is_for_nobody_else_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        Queue(tmp_path / "queue").put({"n": 1})
    finally:
        os.umask(before)
    assert (tmp_path / "queue/000000000001.json").stat().st_mode & 0o777 == 0o600
