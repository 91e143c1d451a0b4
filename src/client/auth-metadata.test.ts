import { expect, test, vi } from "vitest";
import { authMetadata } from "./auth-metadata.ts";

test("no pair at all is refused, and nothing is done", () => {
  const action = vi.fn();
  expect(() => authMetadata([], action)).toThrow(
    expect.objectContaining({ code: "invalid_input", message: "No auth metadata provided." }),
  );
  expect(action).not.toHaveBeenCalled();
});
