"""Triggers and secrets of tasks, with Flyte's own Python SDK."""

import json
import os
import time
from datetime import datetime, timedelta, timezone

import flyte
from flyte.remote import Run, Task, Trigger

env = flyte.TaskEnvironment(
    name="auto",
    secrets=[flyte.Secret("db-password", as_env_var="DB_PASSWORD"), flyte.Secret("plain-key")],
)
start = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=8)


@env.task(
    triggers=(
        flyte.Trigger(
            name="soon",
            automation=flyte.FixedRate(1, start_time=start),
            inputs={"at": flyte.TriggerTime, "x": 3},
            env_vars={"MODE": "scheduled"},
        ),
        flyte.Trigger.daily("at", auto_activate=False, inputs={"x": 1}),
        flyte.Trigger(
            name="workdays",
            automation=flyte.Cron("30 9 * * 1-5", timezone="Europe/Berlin"),
            description="Before the office opens.",
            inputs={"at": flyte.TriggerTime, "x": 2},
        ),
    )
)
def tell(at: datetime, x: int) -> list[str]:
    secrets = [os.environ["DB_PASSWORD"], os.environ["PLAIN_KEY"]]
    return [at.isoformat(), str(x), os.environ.get("MODE", "none"), *secrets]


def runs() -> list[Run]:
    return [run for run in Run.listall(task_name="auto.tell", limit=10)]


def listed() -> dict[str, bool]:
    triggers = Trigger.listall(task_name="auto.tell")
    return {trigger.name: trigger.is_active for trigger in triggers}


if __name__ == "__main__":
    flyte.init_from_config()
    flyte.deploy(env)
    result = {"deployed": listed()}
    workdays = Trigger.get(name="workdays", task_name="auto.tell")
    result["workdays"] = [workdays.is_active, workdays.pb2.spec.description]
    result["schedule"] = workdays.automation_spec.schedule.cron.expression

    deadline = time.monotonic() + 100
    while not runs() and time.monotonic() < deadline:
        time.sleep(0.2)
    (run,) = runs()
    run.wait(quiet=True)
    at, *rest = run.outputs()[0]
    late = datetime.fromisoformat(at) - start
    result["fired"] = [late % timedelta(minutes=1) == timedelta(), *rest]
    status = Trigger.get(name="soon", task_name="auto.tell").status
    result["triggered"] = status.triggered_at.ToDatetime(timezone.utc) >= start + late

    Trigger.update("daily", "auto.tell", True)
    Trigger.update("workdays", "auto.tell", False)
    result["switched"] = listed()
    Trigger.create(
        flyte.Trigger(name="extra", automation=None, inputs={"at": start, "x": 4}), "auto.tell"
    )
    Trigger.delete("soon", "auto.tell")
    result["left"] = listed()
    flyte.deploy(env)
    result["again"] = listed()
    print("RESULT " + json.dumps(result))
