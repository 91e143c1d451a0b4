/*
 * Of undici what this package uses. Its own entry also loads `fetch`, WebSockets, caches and mocks,
 * which takes a command a sixth of its start. For bundles alone: their version of undici is fixed.
 */
import api from "undici/lib/api/index.js";
import buildConnector from "undici/lib/core/connect.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import Pool from "undici/lib/dispatcher/pool.js";
import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js";
import global from "undici/lib/global.js";

Object.assign(Dispatcher.prototype, api);

/** As undici's: to an address, by the dispatcher of the options or the one that all share. */
function request(address, options) {
  const { origin, pathname, search } = new URL(address);
  const { dispatcher = global.getGlobalDispatcher() } = options;
  return dispatcher.request({ ...options, origin, path: `${pathname}${search}` });
}

export { Agent, buildConnector, Pool, ProxyAgent, request };
