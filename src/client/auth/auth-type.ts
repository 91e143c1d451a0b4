/** Every way to get a credential, in the spelling of Flyte's configuration. */
export const authTypes: readonly [
  "Pkce",
  "ClientSecret",
  "ExternalCommand",
  "DeviceFlow",
  "Passthrough",
] = ["Pkce", "ClientSecret", "ExternalCommand", "DeviceFlow", "Passthrough"];

/**
 * How a control plane gets its credential:
 * `Pkce` signs a person in through the browser, `DeviceFlow` through a code typed on another
 * device, `ClientSecret` is OAuth's client credentials grant, `ExternalCommand` runs a program
 * that prints a token, `Passthrough` has no credential of its own and sends the caller's.
 */
export type AuthType = (typeof authTypes)[number];
