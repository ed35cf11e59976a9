"""Tells the robot what Robot Framework is doing: tasks and keywords as steps, messages as lines of the task's log.

Loaded by Robot Framework through ROBOT_OPTIONS; it never makes a run fail, whatever happens to the robot.
"""

import http.client
import json
import os
import queue
import threading
import urllib.parse

ROBOT_LISTENER_API_VERSION = 2

# Keywords within keywords are told as steps down to here: a task's own are 1.
_DEEPEST = 2
_LEVELS = {"TRACE": None, "DEBUG": None, "INFO": "info", "FAIL": "error", "SKIP": "warn"}
_END = object()

_depth = 0
_names = []
_waiting = queue.Queue(maxsize=10000)
_thread = None


def _send_all():
    connection = None
    try:
        address = urllib.parse.urlsplit(os.environ["BAIGONG_EVENTS_URL"])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.putrequest("POST", address.path)
        connection.putheader("Authorization", "Bearer " + os.environ.get("BAIGONG_EVENTS_TOKEN", ""))
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        while True:
            tale = _waiting.get()
            if tale is _END:
                break
            data = json.dumps(tale).encode("utf-8") + b"\n"
            connection.send(b"%x\r\n%s\r\n" % (len(data), data))
        connection.send(b"0\r\n\r\n")
        connection.getresponse().read()
    except Exception:
        # Nobody listens: what comes is thrown away, so that nothing waits for it.
        while _waiting.get() is not _END:
            pass
    finally:
        if connection is not None:
            connection.close()


def _tell(**tale):
    global _thread
    if not os.environ.get("BAIGONG_EVENTS_URL"):
        return
    if _thread is None:
        _thread = threading.Thread(target=_send_all, name="baigong-listener", daemon=True)
        _thread.start()
    try:
        _waiting.put(tale, timeout=5)
    except queue.Full:
        pass


def _step(identifier, state):
    _tell(tell="step", id=identifier, path=" › ".join(_names), title=_names[-1] if _names else "", state=state)


def start_suite(name, attributes):
    _names.append(name)


def end_suite(name, attributes):
    if _names:
        _names.pop()


def start_test(name, attributes):
    global _depth
    _depth = 0
    _names.append(name)
    _step(attributes.get("id", name), "started")


def end_test(name, attributes):
    # A task that was skipped has not failed.
    passed = attributes.get("status") != "FAIL"
    _step(attributes.get("id", name), "succeeded" if passed else "failed")
    _tell(tell="task", name=name, passed=passed, message=attributes.get("message", ""))
    if _names:
        _names.pop()


def _counts(attributes):
    # Loops and conditions are no steps; neither is what was not run.
    return attributes.get("type", "KEYWORD") in ("KEYWORD", "SETUP", "TEARDOWN") and attributes.get("status") != "NOT RUN"


def start_keyword(name, attributes):
    global _depth
    _depth += 1
    _names.append(attributes.get("kwname") or name)
    if _depth <= _DEEPEST and _counts(attributes):
        _step("%s-%d" % (attributes.get("starttime", ""), _depth), "started")


def end_keyword(name, attributes):
    global _depth
    if _depth <= _DEEPEST and _counts(attributes):
        failed = attributes.get("status") == "FAIL"
        _step("%s-%d" % (attributes.get("starttime", ""), _depth), "failed" if failed else "succeeded")
    _depth -= 1
    if _names:
        _names.pop()


def log_message(message):
    # Warnings and errors are on the console, whose lines the robot reads.
    level = _LEVELS.get(message.get("level", ""))
    text = message.get("message", "")
    if level and text and message.get("html") != "yes":
        _tell(tell="line", level=level, text=text)


def close():
    if _thread is not None:
        _waiting.put(_END)
        _thread.join(10)
