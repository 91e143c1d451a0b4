import { setTimeout } from "node:timers/promises";
import {
  Code,
  ConnectError,
  createServiceImplSpec,
  type ServiceImpl,
  type ServiceImplSpec,
} from "@connectrpc/connect";
import { callerKey } from "../../src/devbox/auth/caller.ts";
import { RunService } from "../../src/idl/runs.ts";
import { FlyteError } from "../../src/shared/errors.ts";
import { type Tell, untilAborted } from "./echo-projects.ts";

type WatchActionDetails = ServiceImpl<typeof RunService>["watchActionDetails"];

const behaviours: Readonly<Record<string, WatchActionDetails>> = {
  none: async function* () {},
  three: async function* () {
    for (const name of ["one", "two", "three"]) yield { details: { id: { name } } };
  },
  headers: async function* (_, { responseHeader, responseTrailer }) {
    responseHeader.set("x-one", "1");
    responseTrailer.set("x-late", "2");
    yield {};
    responseTrailer.set("x-later", "3");
  },
  refused: async function* () {
    yield* [];
    throw new FlyteError("not_found", "There is no such run: é, 日本.");
  },
  late: async function* (_, { responseHeader, responseTrailer }) {
    responseHeader.set("x-one", "1");
    await aMoment();
    responseTrailer.set("x-late", "2");
    yield {};
  },
  lateRefused: async function* () {
    yield* [];
    await aMoment();
    throw new FlyteError("not_found", "There is no such run.");
  },
  interrupted: async function* (_, { responseTrailer }) {
    responseTrailer.set("x-late", "2");
    yield {};
    throw new ConnectError("with metadata", Code.OutOfRange, { "x-meta": "m" }, [
      { desc: RunService.method.watchActionDetails.input, value: { actionId: { name: "detail" } } },
    ]);
  },
  broken: async function* () {
    yield {};
    throw new TypeError("planted inside");
  },
  thrown: () => {
    throw new TypeError("planted inside");
  },
};

/** Longer than one turn of the event loop. */
function aMoment(): Promise<void> {
  return setTimeout(5);
}

/** Names that `watchActionDetails` has an answer of its own for; any other is echoed. */
export const streamNames: readonly string[] = Object.keys(behaviours);

/** Messages of the stream `much`, each of half a mebibyte. */
export const muchCount = 64;

/**
 * A service whose one method answers with every kind of stream. Asked for `wait` it sends one message
 * and then nothing until it is aborted, asked for `silent` not even that; asked for `much` it sends more than buffers hold.
 */
export function createEchoRuns(tell: Tell): ServiceImplSpec {
  return createServiceImplSpec<typeof RunService>(RunService, {
    watchActionDetails: (request, context) => {
      const name = request.actionId?.name ?? "";
      const behaviour = behaviours[name];
      if (behaviour !== undefined) return behaviour(request, context);
      const caller = context.values.get(callerKey)?.subject ?? "nobody";
      if (name === "wait") return wait(context.signal, tell);
      if (name === "silent") return keepSilent(context.signal, tell);
      return name === "much" ? sendMuch(tell) : echo(name, caller);
    },
  });
}

async function* echo(name: string, caller: string) {
  yield { details: { id: { name, run: { name: caller } } } };
}

async function* sendMuch(tell: Tell) {
  const name = "x".repeat(512 * 1024);
  for (let index = 0; index < muchCount; index += 1) {
    tell("sending");
    yield { details: { id: { name } } };
  }
}

async function* keepSilent(signal: AbortSignal, tell: Tell) {
  yield* [];
  tell("called");
  await untilAborted(signal, tell);
}

async function* wait(signal: AbortSignal, tell: Tell) {
  yield {};
  tell("called");
  await untilAborted(signal, tell);
}
