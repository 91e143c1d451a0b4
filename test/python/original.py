"""The pre-built webhook of Flyte's own Python SDK, unchanged, and what it is asked about."""

import json
import os

import flyte
import flyte.app
from asked import env as tasks
from flyte.app.extras import FlyteWebhookAppEnvironment

# The module is loaded where the app is deployed and where it runs. This webhook speaks TLS only.
names = ("HOOK_PORT", "OTHER_PORT", "_U_EP_OVERRIDE", "SSL_CERT_FILE")
variables = {name: os.environ[name] for name in names}
webhook = FlyteWebhookAppEnvironment(
    name="original", port=int(variables["HOOK_PORT"]), env_vars=variables
)
other = flyte.app.AppEnvironment(
    name="other",
    args=["python", "-m", "http.server", variables["OTHER_PORT"], "--bind", "127.0.0.1"],
    port=int(variables["OTHER_PORT"]),
    env_vars=variables,
)

if __name__ == "__main__":
    flyte.init_from_config()
    flyte.deploy(tasks)
    flyte.serve(other)
    print("RESULT " + json.dumps(flyte.serve(webhook).endpoint))
