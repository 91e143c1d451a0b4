import { IdentityService } from "../idl/auth.ts";
import { startCall } from "./call-context.ts";
import type { UserCalls } from "./control-plane.ts";
import type { Session } from "./session.ts";

/** The calls about users. */
export function createUserCalls({ channel, options: { timeoutMs } }: Session): UserCalls {
  return {
    async me(options) {
      const call = startCall(options, timeoutMs);
      const { subject, name, email } = await channel.unary(
        IdentityService.method.userInfo,
        {},
        call,
      );
      return { subject, name, email };
    },
  };
}
