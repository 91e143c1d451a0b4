"""Apps served, watched, switched, read, replaced and deleted with Flyte's own Python SDK."""

import asyncio
import contextlib
import io
import json
import os
import sys

import flyte
import flyte.app
import httpx
from fast import env as fast
from flyte.remote import App

ready = json.load(open("ready.json"))
files_port = sys.argv[1]
files = flyte.app.AppEnvironment(
    name="files",
    command=["python", "-m", "http.server", files_port, "--bind", "127.0.0.1"],
    port=int(files_port),
    requires_auth=False,
)


def call(app: App, path: str, user: str | None = "alice"):
    """Asks the gateway, at its address, because few resolvers know names below localhost."""
    headers = {"host": app.endpoint.removeprefix("http://")}
    if user is not None:
        headers["authorization"] = "Bearer " + ready["keys"][user]
    address = ready["gateway"].replace("localhost", "127.0.0.1")
    answer = httpx.get(address + path, headers=headers, timeout=60)
    if answer.headers.get("content-type") == "application/json":
        return [answer.status_code, answer.json()]
    return answer.status_code


def names(apps) -> list[str]:
    return sorted(app.name for app in apps)


def status(app: App) -> str:
    return dict(app.__rich_repr__())["deployment_status"]


async def show_logs(name: str) -> str:
    """What the app wrote until it was deleted."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        app = await App.get.aio(name)
        shown = asyncio.create_task(app.show_logs.aio(raw=True))
        await asyncio.sleep(1)
        await App.delete.aio(name)
        await shown
    return written.getvalue()


async def main():
    flyte.init_from_config()
    result = {}

    served = await flyte.serve.aio(files)
    result["served"] = [served.name, served.revision, served.is_active(), served.endpoint]
    result["public"] = call(served, "/", None)

    app = await flyte.serve.aio(fast)
    result["me"] = call(app, "/me")
    result["stranger"] = call(app, "/me", None)
    result["reader"] = call(app, "/me", "bob")
    result["about"] = call(app, "/about")

    got = await App.get.aio("fast")
    result["got"] = [got.revision, status(got), got.pb2.spec.profile.short_description]
    result["listed"] = names([one async for one in App.listall.aio(limit=1)])
    result["active"] = names([one async for one in App.listall.aio(in_status=("active", "failed"))])
    result["by_alice"] = names([one async for one in App.listall.aio(created_by_subject="alice")])
    result["by_bob"] = names([one async for one in App.listall.aio(created_by_subject="bob")])
    result["absent"] = await absent("no-such-app")

    watched = asyncio.create_task(got.watch.aio("deactivated"))
    stopped = await got.deactivate.aio(wait=True)
    result["watched"] = status(await watched)
    got = await App.get.aio("fast")
    result["stopped"] = [stopped.revision, status(got), got.endpoint, call(app, "/me")]
    started = await got.activate.aio(wait=True)
    got = await App.get.aio("fast")
    result["started"] = [started.revision, status(got), call(got, "/me")[0]]

    again = await flyte.serve.aio(fast)
    os.environ["COLOR"] = fast.env_vars["COLOR"] = "blue"
    changed = await flyte.serve.aio(fast)
    result["again"] = [again.revision, changed.revision, call(changed, "/about")[1]["color"]]

    spec = type(changed.pb2.spec)()
    spec.CopyFrom((await App.get.aio("fast")).pb2.spec)
    same = await App.replace.aio("fast", spec, "the same")
    spec.profile.short_description = "Another one."
    replaced = await App.replace.aio("fast", spec, "another one", labels={"team": "web"})
    await replaced.watch.aio("activated")
    result["replaced"] = [
        same.revision,
        replaced.revision,
        replaced.pb2.spec.profile.short_description,
        dict(replaced.pb2.metadata.labels),
        call(replaced, "/me")[0],
    ]

    command = await asyncio.create_subprocess_exec(
        "flyte", "update", "app", "files", "--deactivate", "--wait"
    )
    result["command"] = [await command.wait(), status(await App.get.aio("files"))]

    result["logs"] = await show_logs("fast")
    await App.delete.aio("files")
    await App.delete.aio("files")
    result["deleted"] = [await absent("fast"), call(app, "/me"), call(served, "/")]
    print("RESULT " + json.dumps(result))


async def absent(name: str) -> str:
    try:
        await App.get.aio(name)
    except Exception as error:
        return str(error)
    return "found"


if __name__ == "__main__":
    asyncio.run(main())
