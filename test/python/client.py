"""A client of Flyte's webhook as teams have one: the standard library, paths, bodies and statuses."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

url, key, other_app = (os.environ[name] for name in ("HOOK_URL", "HOOK_KEY", "OTHER_APP"))
told = []


def call(line, body=None, key=key):
    method, path = line.split(" ")
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            status, answer = response.status, json.load(response)
    except urllib.error.HTTPError as error:
        status, answer = error.code, json.load(error)
    told.append([line, status, answer])
    return answer


def finish(name):
    while True:
        before = len(told)
        state = call(f"GET /run/{name}")
        if state["done"]:
            return
        del told[before:]
        time.sleep(0.1)


tasks = "development/flytesnacks"
call("GET /health", key=None)
call("GET /me")
call("GET /me", key=None)
run = call(f"POST /run-task/{tasks}/stats.describe", {"values": [1.5, 2.5]})["name"]
finish(run)
call(f"GET /run/{run}/io")
failing = call(f"POST /run-task/{tasks}/failing.always", {})["name"]
finish(failing)
slow = call(f"POST /run-task/{tasks}/slow.count", {"to": 600})["name"]
call(f"POST /run/{slow}/abort?reason=enough")
finish(slow)
call(f"POST /run-task/{tasks}/absent.task", {})
call("GET /run/absent")
call("GET /run/absent/io")
call("GET /nowhere")
call(f"GET /app/{other_app}")
call("GET /app/absent")
call("POST /trigger/asked.double/daily/deactivate")
call("POST /trigger/asked.double/daily/activate")
text = json.dumps(told).replace(run, "RUN").replace(failing, "FAILING").replace(slow, "SLOW")
sys.stdout.write(f"RESULT {text}\n")
