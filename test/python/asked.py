"""What the webhook of Flyte's Python SDK is asked for: a task with a trigger."""

import flyte

env = flyte.TaskEnvironment(name="asked")


@env.task(triggers=flyte.Trigger.daily())
def double(x: int = 1) -> int:
    return 2 * x
