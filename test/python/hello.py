"""Tasks for the devbox, deployed, run and read with Flyte's own Python SDK."""

import json
import sys

import flyte
import flyte.remote

env = flyte.TaskEnvironment(name="py")


@env.task
async def double(x: int, times: int = 2) -> list[int]:
    print("doubling", x)
    return [x * times, x]


@env.task
def fail(x: int) -> int:
    raise ValueError(f"no good: {x}")


if __name__ == "__main__":
    flyte.init(
        endpoint=sys.argv[1], insecure=True, project="flytesnacks", domain="development"
    )
    flyte.deploy(env)

    good = flyte.run(double, x=21)
    good.wait(quiet=True)
    bad = flyte.run(fail, x=1)
    bad.wait(quiet=True)
    slow = flyte.run(flyte.remote.Task.get("slow.count", auto_version="latest"), to=600)
    slow.abort("enough")
    described = flyte.run(
        flyte.remote.Task.get("stats.describe", auto_version="latest"), values=[1.0, 3.0]
    )
    described.wait(quiet=True)

    details = flyte.remote.RunDetails.get(bad.name)
    result = {
        "user": flyte.remote.User.get().subject(),
        "good": list(good.outputs()[0]),
        "bad": details.action_details.error_info.message,
        "slow": str(flyte.remote.Run.get(slow.name).phase),
        "described": described.outputs()[1],
        "runs": sorted(run.name for run in flyte.remote.Run.listall(limit=10))
        == sorted([good.name, bad.name, slow.name, described.name]),
    }
    print("RESULT " + json.dumps(result))
