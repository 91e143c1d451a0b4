import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

const line = "POST /build-image";
const base = "flyte-debian-base";
const finding = ["getImage", "listTasks", "getTaskDetails"];
const building = [...finding, "createUploadLocation", "uploadInputs", "createRun"];
const url = "URL/v2/domain/development/project/flytesnacks/runs/rnew";
const nothing = { pip_packages: null, apt_packages: null };

export const imageCases: readonly ConformanceCase[] = [
  {
    endpoint: "build_image",
    when: "nothing has to be built",
    request: line,
    calls: [],
    upstream: {
      status: 200,
      body: { image_build_run_url: null, image_name: null, base_image: base, ...nothing },
    },
  },
  {
    endpoint: "build_image",
    when: "packages have to be put into it",
    request: `${line}?name=trainer&python_version=3.12&flyte_version=2.0.0&pre=true`,
    body: { pip_packages: ["httpx"], apt_packages: ["git"], platform: ["linux/arm64"] },
    calls: building,
    upstream: {
      status: 200,
      body: {
        image_build_run_url: url,
        image_name: "trainer",
        base_image: base,
        pip_packages: ["httpx"],
        apt_packages: ["git"],
      },
    },
  },
  {
    endpoint: "build_image",
    when: "it is another image with a name",
    request: `${line}?base_image=python:3.12-slim&name=other`,
    calls: building,
    upstream: {
      status: 200,
      body: {
        image_build_run_url: url,
        image_name: "other",
        base_image: "python:3.12-slim",
        ...nothing,
      },
    },
  },
  {
    endpoint: "build_image",
    when: "a package is none",
    request: line,
    body: { pip_packages: ["httpx; rm -rf /", "httpx"], apt_packages: ["-y"] },
    calls: [],
    ours: {
      status: 400,
      code: "invalid_input",
      faults: ["pip_packages[0]", "apt_packages[0]"],
    },
    upstream: {
      status: 500,
      detail:
        'Failed to build image: pip_packages[0]: is not a requirement of a Python package; write for example httpx, "uvicorn[standard]>=0.30" or "name @ https://…"; apt_packages[0]: is not a Debian package; write NAME, NAME=VERSION or NAME:ARCHITECTURE',
    },
  },
  {
    endpoint: "build_image",
    when: "all its parts are in the allowlist",
    request: `${line}?base_image=python:3.12-slim`,
    body: { pip_packages: ["httpx>=0.28"], apt_packages: ["git"] },
    fenced: true,
    calls: building,
    upstream: {
      status: 200,
      body: {
        image_build_run_url: url,
        image_name: null,
        base_image: "python:3.12-slim",
        pip_packages: ["httpx>=0.28"],
        apt_packages: ["git"],
      },
    },
  },
  {
    endpoint: "build_image",
    when: "parts of it are not in the allowlist",
    request: `${line}?base_image=evil.example/python`,
    body: { pip_packages: ["httpx", "evil==1"], apt_packages: ["curl"] },
    fenced: true,
    calls: [],
    ours: { status: 403, code: "not_allowlisted" },
    upstream: {
      status: 403,
      detail:
        "Base image evil.example/python is not in the allowlist; Package evil==1 is not in the allowlist; Package curl is not in the allowlist",
    },
  },
  {
    endpoint: "build_image",
    when: "a part is none, too, the allowlist is not asked",
    request: line,
    body: { pip_packages: ["evil", "&"] },
    fenced: true,
    calls: [],
    ours: { status: 400, code: "invalid_input", faults: ["pip_packages[1]"] },
    upstream: {
      status: 500,
      detail:
        'Failed to build image: pip_packages[1]: is not a requirement of a Python package; write for example httpx, "uvicorn[standard]>=0.30" or "name @ https://…"',
    },
  },
  {
    endpoint: "build_image",
    when: "the run may not be started",
    request: line,
    body: { apt_packages: ["git"] },
    failing: { createRun: [Code.PermissionDenied, "no builds for you"] },
    calls: building,
    ours: { status: 403, code: "permission_denied", detail: "no builds for you" },
    upstream: { status: 500, detail: "Failed to build image: no builds for you" },
  },
];
