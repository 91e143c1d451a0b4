/** Calls a webhook as one caller. */
export interface Caller {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an answer
  readonly body: any;
}

/** A caller with a bearer key; without one for requests that carry no credential. */
export function createCaller(url: string, key?: string): Caller {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
    };
  };
  return {
    get: (path) => send(path, { headers: authorization }),
    post: (path, body) =>
      send(path, {
        method: "POST",
        headers:
          body === undefined
            ? authorization
            : { ...authorization, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}
