"""An app of FastAPI, as its users write one."""

import os

import flyte
import flyte.app
from fastapi import FastAPI, Request
from flyte.app.extras import FastAPIAppEnvironment

# The module is loaded where the app is deployed and where it runs.
port = int(os.environ["FAST_PORT"])
app = FastAPI()
env = FastAPIAppEnvironment(
    name="fast",
    app=app,
    port=port,
    description="Tells what an app of the devbox is given.",
    scaling=flyte.app.Scaling(replicas=(0, 2), metric=flyte.app.Scaling.Concurrency(5)),
    env_vars={"FAST_PORT": str(port), "COLOR": os.environ.get("COLOR", "green")},
    parameters=[
        flyte.app.Parameter(name="greeting", value="hello", env_var="GREETING"),
        flyte.app.Parameter(name="other", value=flyte.app.AppEndpoint(app_name="files")),
    ],
)


@env.on_startup
def start(greeting: str):
    print("started with", greeting)


@app.get("/me")
def me(request: Request):
    headers = request.headers
    return {name: headers.get(f"x-flyte-user-{name}") for name in ("subject", "name", "email")}


@app.get("/about")
def about():
    context = flyte.app.ctx()
    return {
        "mode": context.mode,
        "scope": f"{context.project}/{context.domain}",
        "raw_data_path": context.raw_data_path,
        "color": os.environ["COLOR"],
        "greeting": os.environ["GREETING"],
        "other": flyte.app.get_parameter("other"),
    }
