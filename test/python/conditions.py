"""Tasks that start others and wait for a person, with Flyte's own Python SDK."""

import json
import time

import flyte
import flyte.remote
from flyte.remote import Condition, Run

env = flyte.TaskEnvironment(name="ask")


@env.task
async def square(x: int) -> int:
    return x * x


@flyte.trace
async def noted(x: int) -> int:
    return x + 1


@env.task
async def sum_of_squares(xs: list[int]) -> int:
    total = 0
    for x in xs:
        total += await square(x)
    return await noted(total)


@env.task
async def failing_child() -> str:
    try:
        await broken(1)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


@env.task
async def broken(x: int) -> int:
    raise ValueError(f"no good: {x}")


@env.task
async def approve(version: str) -> list[str]:
    asked = await flyte.new_condition.aio("approve", prompt=f"Release {version}?", data_type=bool)
    approved = await asked.wait.aio()
    share = await flyte.new_condition.aio("share", prompt="How much?", data_type=float)
    return [str(approved), str(await share.wait.aio())]


@env.task
async def too_late() -> str:
    late = await flyte.new_condition.aio("late", data_type=str, timeout=0.5)
    try:
        return await late.wait.aio()
    except flyte.errors.ConditionTimedoutError as error:
        return type(error).__name__


def waiting(run: Run, name: str) -> Condition:
    for _ in range(2400):
        found = Condition.get(name, run_name=run.name)
        if found is not None and found.phase.lower().endswith("paused"):
            return found
        time.sleep(0.05)
    raise TimeoutError(name)


if __name__ == "__main__":
    flyte.init_from_config("config.yaml")
    flyte.deploy(env)

    nested = flyte.run(sum_of_squares, xs=[1, 2, 3])
    asking = flyte.run(approve, version="1.2")
    first = waiting(asking, "approve")
    kind = first.expected_type.__name__
    first.signal(True)
    waiting(asking, "share").signal(0.25)
    asking.wait(quiet=True)
    late = flyte.run(too_late)
    failed = flyte.run(failing_child)
    for run in (nested, late, failed):
        run.wait(quiet=True)
    print(
        "RESULT "
        + json.dumps(
            {
                "nested": nested.outputs()[0],
                "kind": kind,
                "asked": list(asking.outputs()[0]),
                "late": late.outputs()[0],
                "failed": failed.outputs()[0],
                "conditions": sorted(c.name for c in Condition.listall(asking.name)),
            }
        )
    )
