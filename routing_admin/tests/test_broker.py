import multiprocessing
import os
import time
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from routing_admin.celery import app

MESSAGES = 150
SPAWN = multiprocessing.get_context("spawn")


def connect(folder: Path) -> Connection:
    options = {"folder": str(folder), "polling_interval": 0.01}
    return Connection(transport="routing_admin.broker:Transport", transport_options=options)


def write(folder: Path, writer: int) -> None:
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        for number in range(MESSAGES):
            queue.put({"writer": writer, "number": number, "padding": "x" * 20_000})


def read(folder: Path, results: "multiprocessing.Queue[list[tuple[int, int]]]") -> None:
    got = []
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        while True:
            try:
                message = queue.get(timeout=5 if not got else 2)
            except Empty:
                break
            message.ack()
            got.append((message.payload["writer"], message.payload["number"]))
    results.put(got)


def test_processes_that_write_and_read_at_once_deliver_each_message_once(tmp_path: Path) -> None:
    results = SPAWN.Queue()
    readers = [SPAWN.Process(target=read, args=(tmp_path, results)) for _ in range(2)]
    writers = [SPAWN.Process(target=write, args=(tmp_path, number)) for number in range(2)]

    for process in readers + writers:
        process.start()
    got = results.get(timeout=60) + results.get(timeout=60)
    for process in readers + writers:
        process.join(timeout=30)

    assert [process.exitcode for process in readers + writers] == [0, 0, 0, 0]
    assert sorted(got) == [(writer, n) for writer in range(2) for n in range(MESSAGES)]
    assert list((tmp_path / "aside").iterdir()) == []


def test_messages_come_in_the_order_of_arrival(tmp_path: Path) -> None:
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        for number in range(20):
            queue.put(number)

        assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_an_unreadable_message_is_passed_over(tmp_path: Path) -> None:
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        (tmp_path / "messages").mkdir(exist_ok=True)
        (tmp_path / "messages" / "0000000000000000001_a.work.msg").write_bytes(b"")
        queue.put("whole")

        assert queue.get(timeout=1).payload == "whole"


def test_files_left_by_a_killed_process_are_removed_when_they_are_old(tmp_path: Path) -> None:
    (tmp_path / "aside").mkdir()
    old, new = tmp_path / "aside" / "old", tmp_path / "aside" / "new"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (time.time() - 7200,) * 2)

    with connect(tmp_path) as connection:
        connection.default_channel.queue_declare("work")

    assert not old.exists()
    assert new.exists()


def test_a_queue_that_is_deleted_is_no_longer_bound(tmp_path: Path) -> None:
    exchange = Exchange("jobs", type="direct")
    with connect(tmp_path) as connection:
        channel = connection.default_channel
        first, second = (Queue(name, exchange, routing_key=name) for name in ("a", "b"))
        for queue in (first, second):
            queue(channel).declare()

        first(channel).delete()

        assert [row.queue for row in channel.get_table("jobs")] == ["b"]


def test_two_queues_share_no_messages(tmp_path: Path) -> None:
    with (
        connect(tmp_path) as connection,
        connection.SimpleQueue("one") as one,
        connection.SimpleQueue("two") as two,
    ):
        one.put("mine")

        with pytest.raises(Empty):
            two.get(block=False)
        assert one.get(block=False).payload == "mine"


def test_a_broker_that_is_away_fails_the_publisher_at_once() -> None:
    with pytest.raises(OperationalError):
        app.send_task("any", connection=Connection("redis://127.0.0.1:1/0"), retry=False)
